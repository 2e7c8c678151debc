"""Runs the roles of a process: one nameko container each, until a signal or a death.

`kit.patched` must have been imported before anything else.
"""

import logging
import signal
from collections.abc import Callable, Sequence
from typing import Any

import eventlet
from nameko.runners import ServiceRunner

from kit.config import ConfigError, Settings

log = logging.getLogger(__name__)

TICK = 0.5
"""Seconds between two looks at signals. Without a tick the hub may sleep a minute through one."""
DRAIN_TIME = 12.0
"""Seconds for a stop in good order; the web server takes 10 of them at most."""
KILL_TIME = 3.0


def config_of(settings: Settings, authenticator: Any, **more: Any) -> dict[str, Any]:
    """nameko's configuration of a process with these settings; `more` is added as it is."""
    config = {
        "SETTINGS": settings,
        "AUTHENTICATOR": authenticator,
        "HTTP_ADDRESS": f"{_bracketed(settings.address)}:{settings.port}",
        "OPS_ADDRESS": f"{_bracketed(settings.address)}:{settings.ops_port or 0}",
        "AMQP_URI": settings.amqp_url,
        "max_workers": settings.max_workers,
    }
    return config | more


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def run(service_classes: Sequence[type], config: dict[str, Any]) -> int:
    """Serve until SIGTERM or SIGINT, or until a container dies.

    Args:
        service_classes: one for each role, with different names.
        config: nameko's configuration, shared by all.

    Returns:
        The exit code: 0 after a stop in good order, 1 when a container could not start, died,
        or had to be killed.
    """
    return Life(service_classes, config).lead()


class Life:
    """The life of one process."""

    def __init__(self, service_classes: Sequence[type], config: dict[str, Any]) -> None:
        self._runner = ServiceRunner(config)
        for service_class in service_classes:
            self._runner.add_service(service_class)
        self._signals = 0
        self._died: BaseException | None = None

    def lead(self) -> int:
        """Start, wait, stop; returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)
        try:
            self._runner.start()
        except ConfigError as error:
            log.error("process.cannot_start", extra={"reason": str(error)})
            return self._kill()
        except Exception as error:
            log.error("process.cannot_start", exc_info=error)
            return self._kill()
        for container in self._runner.containers:
            eventlet.spawn_n(self._mourn, container)
        log.info("process.started", extra={"roles": sorted(self._runner.service_names)})
        while not self._signals and self._died is None:
            eventlet.sleep(TICK)
        return self._stop()

    def _note(self, _number: int, _frame: Any) -> None:
        """A signal: noted here, acted upon at the next tick."""
        self._signals += 1

    def _mourn(self, container: Any) -> None:
        try:
            container.wait()
        except Exception as error:
            log.critical("container.died", exc_info=error, extra={"name_": container.service_name})
            self._died = error

    def _stop(self) -> int:
        log.info("process.stopping")
        if not self._bounded(self._runner.stop, DRAIN_TIME):
            return self._kill()
        log.info("process.stopped")
        return 0 if self._died is None else 1

    def _kill(self) -> int:
        log.warning("process.killing")
        self._bounded(self._runner.kill, KILL_TIME)
        return 1

    def _bounded(self, work: Callable[[], None], seconds: float) -> bool:
        """Do `work` within `seconds`; a second signal cuts it short. Whether it was done."""
        before = self._signals
        working = eventlet.spawn(work)
        for _ in range(int(seconds / TICK * 10)):
            if working.dead:
                return True
            if self._signals > max(1, before):
                break
            eventlet.sleep(TICK / 10)
        working.kill()
        return False
