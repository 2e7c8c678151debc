"""模板: the forms that papers are printed on."""

from __future__ import annotations

from kit.templates import Kind, Templates
from supervision.domain.papers import KINDS
from supervision.store import template

TEMPLATES = Templates(
    template, {code: Kind(kind.zh) for code, kind in KINDS.items()}, "supervision.rendering"
)
