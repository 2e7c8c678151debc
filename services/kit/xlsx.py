"""A workbook of one sheet, written while its lines come: no more of it is held than the piece under way.

openpyxl (which `kit.sheet` reads with) keeps a workbook until its last line, and weighs 40 MB in a web process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from io import RawIOBase
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

LINES = 1 << 20
"""Lines of a sheet at most."""
_LONGEST = 32767
"""Characters of a cell: a spreadsheet takes a file with a longer one for broken."""
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def pieces(batches: Iterable[Sequence[Sequence[Any]]]) -> Iterator[bytes]:
    """The file, a piece for each batch of lines. Decimals and whole numbers become numbers, None an empty cell, and
    all else a word whatever it looks like."""
    outlet, number = _Outlet(), 1
    with ZipFile(outlet, "w", ZIP_DEFLATED) as packed:
        for name, content in _PARTS.items():
            packed.writestr(name, content)
        with packed.open("xl/worksheets/sheet1.xml", "w") as page:
            page.write(_BEGIN)
            for batch in batches:
                page.write("".join(_row(n, line) for n, line in enumerate(batch, number)).encode())
                number += len(batch)
                yield outlet.taken()
            page.write(_END)
    yield outlet.taken()


class _Outlet(RawIOBase):
    """Where a packed file is written to and taken from as it comes: there is no going back in it."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: Any, /) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        taken, self._written = bytes(self._written), bytearray()
        return taken


def _row(number: int, line: Sequence[Any]) -> str:
    cells = (_cell(f"{_letters(n)}{number}", value) for n, value in enumerate(line, 1))
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(at: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return f'<c r="{at}"><v>{value}</v></c>'
    text = escape(_NO_XML.sub("", str(value)[:_LONGEST]))
    kept = "" if text == text.strip() else ' xml:space="preserve"'
    return f'<c r="{at}" s="1" t="inlineStr"><is><t{kept}>{text}</t></is></c>'


@cache
def _letters(n: int) -> str:
    """What the n-th column is called: A … Z, AA …"""
    before, last = divmod(n - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)


# -- what every workbook has, and the sheet around its lines ---------------------------------------

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _related(*targets: tuple[str, str]) -> str:
    links = (
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>'
    )


_PARTS = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": _related(("officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": _related(
        ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")
    ),
    "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/>'
    "</font></fonts>"
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
    '<xf xfId="0"/><xf numFmtId="49" applyNumberFormat="1" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
"""Format 49 is text: what looks like a number stays a word when somebody goes into its cell."""
_BEGIN = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
_END = b"</sheetData></worksheet>"
