"""Where the other services of a site answer."""

from __future__ import annotations

import os

from kit.config import PORTS


def service_url(name: str) -> str:
    """`<NAME>_URL`, or the loopback port of a local run."""
    upper = name.upper()
    port = os.environ.get(f"{upper}_PORT") or PORTS[name]
    return os.environ.get(f"{upper}_URL") or f"http://127.0.0.1:{port}"
