"""Files that an office writes in a spreadsheet: all of their faults are named, and then nothing is taken."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click

R = TypeVar("R")


class Unreadable(Exception):
    """Lines of a file that cannot be taken; all of them, and then none is."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read(
    path: Path,
    columns: Sequence[str],
    parse: Callable[[dict[str, str]], R],
    clash: Callable[[R], tuple[object, str]],
) -> list[R]:
    """The rows of a CSV file, each once.

    Args:
        parse: makes a row of its trimmed cells; raises ValueError, in Chinese, for one that is none.
        clash: what identifies a row, and what is said where another one says otherwise.

    Raises Unreadable with every fault.
    """
    faults: list[str] = []
    found: dict[object, R] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
            raise Unreadable([f"缺少列:{'、'.join(missing)}"])
        for line, cells in enumerate(reader, 2):
            try:
                row = parse({name: (cells[name] or "").strip() for name in columns})
            except ValueError as error:
                faults.append(f"第{line}行:{error}")
                continue
            key, otherwise = clash(row)
            if found.setdefault(key, row) != row:
                faults.append(f"第{line}行:{otherwise}")
    if faults:
        raise Unreadable(faults)
    return list(found.values())


@contextmanager
def reported() -> Iterator[None]:
    """What is wrong with a file as the last words of a command."""
    try:
        yield
    except Unreadable as error:
        raise click.ClickException("\n".join(error.faults)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"读不出 CSV:{error}") from error
