"""What a process is told by its environment, read once and checked before anything starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

PORTS = {"console": 8000, "intake": 8001, "routing": 8002, "supervision": 8003, "stats": 8004}


class ConfigError(Exception):
    """A setting is missing or wrong; the message is one line and names the variable."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one process of one service. URLs stay out of the repr: they hold passwords."""

    service: str
    database_url: str = field(repr=False)
    amqp_url: str = field(repr=False)
    site: str
    state: Path
    address: str
    port: int
    ops_port: int | None
    max_workers: int
    outbox_limit: int
    tz: str

    @property
    def keys(self) -> Path:
        """The folder of this site's keys."""
        return self.state / "keys"

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone, in which deadlines are reckoned."""
        return ZoneInfo(self.tz)

    @classmethod
    def from_env(cls, service: str, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings of `service` from `env` (the process's environment by default).

        Raises ConfigError, one line naming the variable, for a missing or malformed one.
        """
        read = Reader(os.environ if env is None else env)
        prefix = service.upper()
        return cls(
            service=service,
            database_url=read.url(f"{prefix}_DATABASE_URL", "DATABASE_URL", scheme="postgresql"),
            amqp_url=read.url("AMQP_URL", scheme="amqp"),
            site=read.digits("PETITION_SITE", "330282"),
            state=state_folder(env),
            address=read.text(f"{prefix}_ADDRESS", "127.0.0.1"),
            port=read.port(f"{prefix}_PORT", PORTS.get(service)),
            ops_port=read.port("OPS_PORT", None) if read.given("OPS_PORT") else None,
            max_workers=read.number("MAX_WORKERS", 64, least=1),
            outbox_limit=read.number("OUTBOX_LIMIT", 200_000, least=1),
            tz=read.zone("PETITION_TZ", "Asia/Shanghai"),
        )


def state_folder(env: Mapping[str, str] | None = None) -> Path:
    """Where a site keeps its keys and other state: PETITION_STATE, else that of a local run."""
    return Path(Reader(os.environ if env is None else env).text("PETITION_STATE", ".run/site"))


class Reader:
    """Typed access to an environment; every refusal names the variable."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def given(self, name: str) -> bool:
        return bool(self._env.get(name, "").strip())

    def text(self, name: str, default: str) -> str:
        return self._env.get(name, "").strip() or default

    def url(self, *names: str, scheme: str) -> str:
        name = next((name for name in names if self.given(name)), None)
        if name is None:
            raise ConfigError(f"{' or '.join(reversed(names))} is not set ({scheme}://...)")
        value = self._env[name].strip()
        if not value.startswith((f"{scheme}://", f"{scheme}+", f"{scheme}s://")):
            raise ConfigError(f"{name} must start with {scheme}://")
        return value

    def number(self, name: str, default: int, least: int, most: int = 1 << 53) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise ConfigError(f"{name} must be a whole number from {least} to {most}: {value!r}")
        return int(value)

    def dated(self, name: str, least: int) -> list[tuple[date, int]]:
        """`DAY:NUMBER, DAY:NUMBER`: what holds from which day on; nothing where it is not given."""
        found = []
        for item in filter(None, (part.strip() for part in self.text(name, "").split(","))):
            day, _, number = item.partition(":")
            try:
                found.append((date.fromisoformat(day), int(number)))
            except ValueError:
                found.append((date.min, least - 1))
        if any(number < least for _, number in found):
            raise ConfigError(
                f"{name} must read DAY:NUMBER, ..., as 2022-05-01:5, each from {least}: "
                f"{self.text(name, '')!r}"
            )
        return found

    def port(self, name: str, default: int | None) -> int:
        if default is None and not self.given(name):
            raise ConfigError(f"{name} is not set (a port number)")
        return self.number(name, default or 0, least=0, most=65535)

    def digits(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not (value.isascii() and value.isdigit() and len(value) <= 12):
            raise ConfigError(f"{name} must be a division code of up to 12 digits: {value!r}")
        return value

    def zone(self, name: str, default: str) -> str:
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ConfigError(f"{name} is no time zone of the IANA list: {value!r}") from None
        return value
