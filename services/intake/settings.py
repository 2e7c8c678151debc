"""What a site decides for its register: thresholds, limits, the scanner. Read once from the environment."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.domain.attachments import MOST_MEGABYTES, Limits
from intake.domain.collective import THRESHOLDS, Threshold, with_site
from kit.config import ConfigError, Reader


@dataclass(frozen=True)
class Rules:
    """The register's settings.

    Args:
        thresholds: `PETITION_COLLECTIVE=2022-05-01:5,2026-01-01:10`: from that day, so many persons.
        limits: `ATTACHMENT_MAX_MB`, `ATTACHMENT_COUNT`, `ATTACHMENT_TOTAL_MB`.
        scanner: `ATTACHMENT_SCAN=clamdscan --no-summary -`: a command that reads a file from its standard
            input and ends with 0 (clean) or 1 (infected); nothing: files stay unscanned.
        scan_seconds: `ATTACHMENT_SCAN_SECONDS`: what the command may take for one file.
    """

    thresholds: tuple[Threshold, ...] = THRESHOLDS
    limits: Limits = field(default_factory=Limits)
    scanner: tuple[str, ...] = ()
    scan_seconds: int = 60

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Rules:
        """Raises ConfigError, one line naming the variable."""
        read = Reader(os.environ if env is None else env)
        limits = Limits(
            read.number("ATTACHMENT_MAX_MB", Limits.megabytes, 1, MOST_MEGABYTES),
            read.number("ATTACHMENT_COUNT", Limits.count, 1, 200),
            read.number("ATTACHMENT_TOTAL_MB", Limits.total_megabytes, 1, 2000),
        )
        return cls(
            thresholds=with_site(read.dated("PETITION_COLLECTIVE", least=2)),
            limits=limits,
            scanner=_command(read.text("ATTACHMENT_SCAN", "")),
            scan_seconds=read.number("ATTACHMENT_SCAN_SECONDS", 60, 1, 3600),
        )


def _command(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise ConfigError(f"ATTACHMENT_SCAN is no command line: {text!r}") from None
