"""The broker of a site on this machine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tool.local.servers import Servers


def test_many_ask_it_in_the_same_second(servers: Servers) -> None:
    """Two runs of tests do; one of them was turned away for a name that the other had."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(servers.broker.eval, [f"{n}" for n in range(40)]))
    assert answers == [f"{n}" for n in range(40)]
