"""Word files (DOCX): forms made of plain text, forms of an office's own, and both filled in (ADR 0008).

docxtpl and lxml live in the process of jobs alone: they weigh 40 MB and block while they work.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from docx import Document as Docx
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Emu, Length, Pt
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kit.templates import Unfit

TITLE, BODY, BOLD = "宋体", "仿宋", "黑体"
BIG, NORMAL, CELL = Pt(22), Pt(16), Pt(14)
"""二号, 三号 and 四号, as official papers are set (GB/T 9704-2012)."""
WIDTH = 15.6
"""Centimetres between the margins."""
FILTERS = ("default", "first", "join", "last", "length", "replace", "trim")


# -- filled in -------------------------------------------------------------------------------------


class _Sandbox(ImmutableSandboxedEnvironment):
    """What a form of an office may do: show fields, choose and repeat. It computes nothing."""

    intercepted_binops = frozenset(("*", "**", "%", "+"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise TemplateError(f"a form does not compute: {operator}")


def _sandbox() -> _Sandbox:
    found = _Sandbox(undefined=StrictUndefined, autoescape=True)
    found.globals.clear()
    found.filters = {name: found.filters[name] for name in FILTERS}
    return found


def render(form: bytes, fields: Mapping[str, Any], charts: Mapping[str, bytes] = {}) -> bytes:
    """A form with its fields filled in. Raises Unfit where it asks for a field that there is not.

    Args:
        charts: DrawingML by the name of a field; each stands where its field is written.
    """
    template = DocxTemplate(io.BytesIO(form))
    try:
        template.render(
            {**fields, **{name: _marker(name) for name in charts}},
            jinja_env=_sandbox(),
            autoescape=True,
        )
    except TemplateError as error:
        raise Unfit(f"模板不能使用:{error.message}") from None
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise Unfit(f"模板不能使用:{type(error).__name__}") from None
    _draw(template.docx, charts)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


# -- charts ----------------------------------------------------------------------------------------

_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
CHART_SIZE = Cm(15), Cm(7.5)


def _marker(name: str) -> str:
    """What stands in the place of a chart until it is drawn: in a private area, so that nobody writes it."""
    return f"\ue000{name}\ue001"


def _draw(docx: DocxDocument, charts: Mapping[str, bytes]) -> None:
    """Puts each chart where its marker stands, as often as it does; a part of the file each time."""
    drawn = 0
    for text in list(docx.element.body.iter(qn("w:t"))):
        for name, xml in charts.items():
            before, marker, after = (text.text or "").partition(_marker(name))
            if marker:
                drawn += 1
                rest = deepcopy(text)
                text.text, rest.text = before, after
                text.addnext(_drawing(docx, xml, drawn))
                text.getnext().addnext(rest)
                _free(text)
                break


def _free(text: Any) -> None:
    """A line of a fixed height would show a strip of the chart alone."""
    for spacing in next(text.iterancestors(qn("w:p"))).iter(qn("w:spacing")):
        for name in ("w:line", "w:lineRule"):
            spacing.attrib.pop(qn(name), None)


def _drawing(docx: DocxDocument, xml: bytes, number: int) -> Any:
    uri = PackURI(f"/word/charts/chart{number}.xml")
    part = Part(uri, _CHART_TYPE, xml, docx.part.package)
    relation = docx.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    width, height = CHART_SIZE
    return parse_xml(
        f'<w:drawing {nsdecls("w", "wp", "a", "r")}><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{900 + number}" name="图{number}"/>'
        f'<a:graphic><a:graphicData uri="{_CHART}"><c:chart xmlns:c="{_CHART}" r:id="{relation}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )


# -- made of plain text ----------------------------------------------------------------------------


def built(text: str, cell: Length = CELL) -> bytes:
    """A form from its plain text, one paragraph a line, with the fonts and margins of GB/T 9704.

    `! ` title, `^ ` centred as the issuer is, `- ` centred, `> ` at the right, `# ` heading, `= ` without
    indent, `{%` a line that chooses or repeats, `| a | b |` a row of a table (`|# a:4 | b:3 |` its head, with
    widths in centimetres), anything else a paragraph.

    Args:
        cell: size of the letters in tables.
    """
    docx: DocxDocument = Docx()
    _page(docx)
    rows: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append(line)
            continue
        if rows:
            _table(docx, rows, cell)
            rows = []
        _body(docx, line)
    out = io.BytesIO()
    docx.save(out)
    return out.getvalue()


_MARKS: dict[str, dict[str, Any]] = {
    "! ": {"font": TITLE, "size": BIG, "align": ALIGN.CENTER, "bold": True},
    "^ ": {"font": TITLE, "align": ALIGN.CENTER},
    "- ": {"align": ALIGN.CENTER},
    "> ": {"align": ALIGN.RIGHT},
    "# ": {"indent": True, "bold": True},
    "= ": {},
}


def _body(docx: DocxDocument, line: str) -> None:
    mark = _MARKS.get(line[:2])
    if mark is not None:
        paragraph = _line(docx, line[2:], **mark)
        # a signature is never apart from its date, a heading never from what it is about
        paragraph.paragraph_format.keep_with_next = line[:2] in ("> ", "# ")
    elif line:
        _line(docx, line, indent=not line.startswith("{%"))


def _page(docx: DocxDocument) -> None:
    """A4 with the margins of an official paper."""
    section = docx.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)


def _line(
    docx: Any, text: str, font: str = BODY, size: Length = NORMAL, *,
    align: ALIGN | None = None, indent: bool = False, bold: bool = False, spacing: Length | None = Pt(29),
) -> Paragraph:  # fmt: skip
    paragraph: Paragraph = docx.add_paragraph()
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = spacing
    if indent:
        paragraph.paragraph_format.first_line_indent = Emu(size * 2)
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.bold = font, size, bold
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)  # python-docx sets the Latin one alone
    return paragraph


# -- tables ----------------------------------------------------------------------------------------


def _table(docx: DocxDocument, lines: list[str], size: Length) -> None:
    rows = [[cell.strip(" ") for cell in line.strip("|#").split("|")] for line in lines]
    head = lines[0].startswith("|#")
    columns = max(len(row) for row in rows)
    widths = [Cm(WIDTH / 3), Cm(WIDTH * 2 / 3)] if columns == 2 else [Cm(WIDTH / columns)] * columns
    if head:
        named = [cell.partition(":") for cell in rows[0]]
        rows[0], widths = [n for n, _, _ in named], [Cm(float(w)) for _, _, w in named]
    table = docx.add_table(rows=0, cols=columns)
    table.style, table.autofit = "Table Grid", False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for number, row in enumerate(rows):
        added = table.add_row()
        is_head = head and number == 0
        _cells(added, row + [""] * (columns - len(row)), widths, size, is_head)
        if is_head:
            added._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _cells(row: Any, texts: list[str], widths: Sequence[Length], size: Length, head: bool) -> None:
    """`head`: it is said again on every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, text, width in zip(row.cells, texts, widths, strict=True):
        cell.width = width
        cell._element.remove(cell.paragraphs[0]._element)
        spacing = Pt(29) if size >= CELL else None
        font, align = (BOLD, ALIGN.CENTER) if head else (BODY, None)
        _line(cell, text, font, size, align=align, spacing=spacing)
