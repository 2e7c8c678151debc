"""What every test may use. eventlet's patching comes first, as in the services."""

import kit.patched  # noqa: F401  isort: skip

import signal
import socket

import pytest_socket
from hypothesis import HealthCheck, settings

# pytest-socket remembers the socket it found at its own import, before the patching, and would put
# that one back after each test: reads would then block the whole process.
pytest_socket._true_socket = socket.socket
pytest_socket._true_connect = socket.socket.connect

# Whoever ends a run otherwise than by Ctrl-C wants its sites stopped and its files gone, too.
signal.signal(signal.SIGTERM, signal.default_int_handler)

# How long an example takes tells what else the machine does, not what the code does.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

pytest_plugins = ["tests.servers", "tests.site", "tests.things", "tests.county"]
