"""Loopback ports: which are free, and which a server keeps from run to run."""

import json
import random
import socket
from collections.abc import Iterable
from pathlib import Path

# Below Linux's ephemeral range (32768 and up), so that no outgoing connection takes the port
# between our look and the server's bind.
RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could bind this port on loopback now."""
    with socket.socket() as probe:
        # As servers do: connections still in TIME_WAIT are no hindrance, a listener is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def load(file: Path) -> dict[str, int]:
    """The ports kept in a file; none when there is no such file."""
    try:
        return {str(name): int(port) for name, port in json.loads(file.read_text()).items()}
    except FileNotFoundError:
        return {}


def keep(file: Path, names: Iterable[str]) -> dict[str, int]:
    """Give each name a free port: the one it had if nobody took it, else a new one.

    Args:
        file: where the choice is kept.
        names: what the ports are for.

    Returns:
        Name to port, all different.
    """
    kept, chosen = load(file), dict[str, int]()
    for name in names:
        port = kept.get(name, 0)
        while port in chosen.values() or not port or not is_free(port):
            port = random.choice(RANGE)
        chosen[name] = port
    file.write_text(json.dumps(chosen))
    return chosen
