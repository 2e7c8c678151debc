"""The drills: one function each, and the table of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.drills.harness import Scene, layout


@dataclass(frozen=True)
class Drill:
    """What is disturbed, how, and in which layout of processes."""

    name: str
    disturbs: str
    disturb: Callable[[Scene], None]
    processes: tuple[str, ...] = layout()


def nothing(scene: Scene) -> None:
    """No disturbance: what the others are compared with."""
    time.sleep(15)


DRILLS = [Drill("nothing", "nothing at all", nothing)]
