"""模板: the forms of reports and bulletins."""

from __future__ import annotations

from kit.templates import Kind, Templates
from stats.domain.reports import FORMS
from stats.store import template

WORKBOOK, BULLETIN = "workbook", "bulletin"
TEMPLATES = Templates(
    template,
    {
        **{kind: Kind(f"{name}报告") for kind, name in FORMS.items()},
        WORKBOOK: Kind("报告数据表", "xlsx"),
        BULLETIN: Kind("简报"),
    },
    "stats.reporting",
)
