"""Files that an office writes in a spreadsheet: all of their faults are named, and then nothing is taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import TypeVar

R = TypeVar("R")


class Unreadable(Exception):
    """Lines of a file that cannot be taken; all of them, and then none is."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read(
    content: bytes,
    columns: Sequence[str],
    parse: Callable[[dict[str, str]], R],
    clash: Callable[[R], tuple[object, str]],
) -> list[R]:
    """The rows of a CSV file, each once.

    Args:
        content: UTF-8, or GB18030 as spreadsheets write it here.
        parse: makes a row of its trimmed cells; raises ValueError, in Chinese, for one that is none.
        clash: what identifies a row, and what is said where another one says otherwise.

    Raises Unreadable with every fault.
    """
    faults: list[str] = []
    found: dict[object, R] = {}
    reader = csv.DictReader(io.StringIO(_text(content), newline=""))
    try:
        lines = list(enumerate(reader, 2))
    except csv.Error as error:
        raise Unreadable([f"读不出 CSV:{error}"]) from error
    if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
        raise Unreadable([f"缺少列:{'、'.join(missing)}"])
    for line, cells in lines:
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


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable(["不是文本文件;请用 CSV 格式(UTF-8 或 GB18030)"])
