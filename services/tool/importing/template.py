"""An empty register: headings, one invented example, and a sheet of the words that may be used."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from tool.importing.columns import COLUMNS, REQUIRED
from tool.importing.planning import EXAMPLE
from tool.importing.words import VOCABULARY

INVENTED = {
    "source_ref": EXAMPLE,
    "received": "2024-03-04",
    "registered": "2024-03-04 09:30",
    "channel": "来访",
    "type": "申诉求决",
    "category": "城乡建设_征地拆迁与房屋征收_安置房交付",
    "division": "宗汉街道",
    "head_count": "2",
    "household_count": "1",
    "name": "张某某、李某某",
    "anonymous": "否",
    "id_kind": "居民身份证",
    "id_number": "11010519491231002X",
    "phone": "13800000000",
    "address": "某某路1号",
    "title": "安置房迟迟未交付",
    "text": "安置协议约定去年年底交房,至今没有交付,请予答复。",
    "complained_about": "某某建设公司",
    "office": "宗汉街道信访办",
    "method": "转送",
    "assigned": "2024-03-06",
    "signed": "2024-03-07",
    "accepted": "2024-03-11",
    "answered": "2024-04-22",
    "outcome": "支持",
    "opinion": "经调查核实,所反映的情况属实,已督促建设单位于六月底前交付。",
    "served": "2024-04-24",
    "service_method": "当面",
    "closed": "2024-04-26",
}
"""Nobody's data; the id number is the sample of GB 11643."""
LINES = 1000
"""Lines prepared as text, so that no digits are lost."""


def write(path: Path) -> None:
    """Writes the template. Raises OSError."""
    book = Workbook()
    _sheet(book)
    _words(book)
    book.save(path)


def _sheet(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.title = "信访登记"
    sheet.append([column.name for column in COLUMNS])
    sheet.append([INVENTED[column.field] for column in COLUMNS])
    for index, column in enumerate(COLUMNS, 1):
        sheet.cell(1, index).font = Font(bold=True)
        wide = column.field in ("text", "opinion", "address", "category", "title")
        sheet.column_dimensions[get_column_letter(index)].width = 40 if wide else 18
        for line in range(2, LINES + 2):
            sheet.cell(line, index).number_format = "@"
    sheet.freeze_panes = "B2"


def _words(book: Workbook) -> None:
    sheet = book.create_sheet("可用词")
    sheet.append(["列", "必填", "可以填写", "也认识的列标题"])
    needed = {field for group in REQUIRED for field in group}
    for column in COLUMNS:
        words = VOCABULARY.get(column.field, {})
        shown = "、".join(dict.fromkeys(w for w in words if not w.isalpha() or not w.isascii()))
        must = "必填" if column.field in needed else ""
        sheet.append([column.name, must, shown or column.hint, "、".join(column.aliases)])
    for index, width in enumerate((14, 8, 60, 60), 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
        sheet.cell(1, index).font = Font(bold=True)
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
