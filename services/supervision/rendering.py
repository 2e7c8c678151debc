"""Papers as DOCX: the shipped forms, an office's own, and the two filled in (ADR 0008).

docxtpl and lxml live in the process of jobs alone: they weigh 40 MB and block while they work.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from docx import Document as Docx
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

TITLE, BODY = "宋体", "仿宋"
BIG, NORMAL = Pt(22), Pt(16)
"""二号 and 三号, as official papers are set (GB/T 9704-2012)."""
WIDTHS = (Cm(5.2), Cm(10.4))
"""Of the two columns of a table."""
FILTERS = ("default", "first", "join", "last", "length", "replace", "trim")


class Unfit(Exception):
    """A form that cannot be filled in; says why, in Chinese."""


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


def render(form: bytes, fields: dict[str, Any]) -> bytes:
    """A form with its fields filled in. Raises Unfit where it asks for a field that there is not."""
    template = DocxTemplate(io.BytesIO(form))
    try:
        template.render(fields, jinja_env=_sandbox(), autoescape=True)
    except TemplateError as error:
        raise Unfit(f"模板不能使用:{error.message}") from None
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise Unfit(f"模板不能使用:{type(error).__name__}") from None
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


@cache
def shipped(kind: str) -> bytes:
    """The form of a kind that comes with the software."""
    text = files("supervision").joinpath("forms", f"{kind}.txt").read_text(encoding="utf-8")
    return built(text)


def built(text: str) -> bytes:
    """A form from its plain text: `# ` heading, `= ` without indent, `| a | b |` a row of a table, `{%p`
    a line that chooses or repeats, anything else a paragraph. Head and foot are the same for all."""
    docx: DocxDocument = Docx()
    _page(docx)
    _line(docx, "{{ issuer }}", TITLE, NORMAL, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(docx, "{{ title_of_paper }}", TITLE, BIG, align=WD_ALIGN_PARAGRAPH.CENTER, bold=True)
    _line(docx, "{{ code }}", BODY, NORMAL, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(docx, "", BODY, NORMAL)
    table: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            table.append([cell.strip(" ") for cell in line.strip("|").split("|")])
            continue
        if table:
            _table(docx, table)
            table = []
        _body(docx, line)
    for foot in ("", "{{ issuer }}", "{{ issued_on }}"):  # never apart from each other
        sign = _line(docx, foot, BODY, NORMAL, align=WD_ALIGN_PARAGRAPH.RIGHT)
        sign.paragraph_format.keep_with_next = True
    out = io.BytesIO()
    docx.save(out)
    return out.getvalue()


def _body(docx: DocxDocument, line: str) -> None:
    marks: dict[str, Callable[[str], Paragraph]] = {
        "# ": lambda text: _line(docx, text, BODY, NORMAL, indent=True, bold=True),
        "= ": lambda text: _line(docx, text, BODY, NORMAL),
        "{%": lambda text: _line(docx, "{%" + text, BODY, NORMAL),
    }
    mark = marks.get(line[:2])
    if mark:
        mark(line[2:])
    elif line:
        _line(docx, line, BODY, NORMAL, indent=True)


def _page(docx: DocxDocument) -> None:
    """A4 with the margins of an official paper."""
    section = docx.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)


def _line(
    docx: Any, text: str, font: str, size: Any, *,
    align: WD_ALIGN_PARAGRAPH | None = None, indent: bool = False, bold: bool = False,
) -> Paragraph:  # fmt: skip
    paragraph: Paragraph = docx.add_paragraph()
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(29)
    if indent:
        paragraph.paragraph_format.first_line_indent = size * 2
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.bold = font, size, bold
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)  # python-docx sets the Latin one alone
    return paragraph


def _table(docx: DocxDocument, rows: list[list[str]]) -> None:
    table = docx.add_table(rows=0, cols=len(rows[0]))
    table.style = "Table Grid"
    for row in rows:
        cells = table.add_row().cells
        for cell, text, width in zip(cells, row, WIDTHS, strict=True):
            cell.width = width
            cell._element.remove(cell.paragraphs[0]._element)
            _line(cell, text, BODY, Pt(14))


if __name__ == "__main__":
    sys.stdout.buffer.write(shipped(sys.argv[1]))
