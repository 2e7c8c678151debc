"""What a site decides for its figures: how long is waited for a rating, for a repeat and for a monthly return."""

from __future__ import annotations

import os
from collections.abc import Mapping

from kit.config import Reader
from stats.domain.windows import RATING, REPEAT, RETURN, Window, Windows, with_site


def windows(env: Mapping[str, str] | None = None) -> Windows:
    """The site's windows: `STATS_RATING_WINDOW=2022-05-01:30,2027-01-01:60`: from that day, so many days; and
    `STATS_REPEAT_WINDOW`. Raises ConfigError, one line naming the variable."""
    read = Reader(os.environ if env is None else env)
    return Windows(
        with_site(RATING, read.dated("STATS_RATING_WINDOW", least=1)),
        with_site(REPEAT, read.dated("STATS_REPEAT_WINDOW", least=1)),
    )


def returns_due(env: Mapping[str, str] | None = None) -> tuple[Window, ...]:
    """How long after its month a return is waited for: `STATS_RETURN_WINDOW=2027-01-01:10`: for the months from that day
    on, so many days. Raises ConfigError."""
    read = Reader(os.environ if env is None else env)
    return with_site(RETURN, read.dated("STATS_RETURN_WINDOW", least=1))
