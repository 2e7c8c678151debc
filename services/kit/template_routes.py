"""模板 over HTTP, the same in every service that prints."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from kit import identity, sheet
from kit.commands import audit_row
from kit.http import Request, attachment, route
from kit.templates import TYPES, Templates

STAFF = identity.STAFF | identity.TOOL
DECIDE = identity.HEAD | identity.TOOL


class TemplateQuery(Schema):
    """`shipped`: the form that comes with the software, whatever is in use."""

    shipped = fields.Boolean(load_default=False)


class TemplateIn(Schema):
    """A form, in base64."""

    content = fields.String(required=True, validate=validate.Length(1, 720_000))


class TemplatesOut(Schema):
    templates = fields.List(fields.Dict(), required=True)


class TemplateOut(Schema):
    version = fields.Integer(required=True)


class EndedOut(Schema):
    ended = fields.Boolean(required=True)


class TemplateRoutes:
    """Forms: looked at, replaced, and given up again."""

    app: Any
    templates: ClassVar[Templates]

    @route("GET", "/templates", out=TemplatesOut, scope=STAFF)
    def listed_templates(self, request: Request) -> dict[str, Any]:
        """Every kind of form, and what the reader's office put in the place of the shipped one."""
        with self.app.database.reading() as connection:
            return {"templates": self.templates.listed(connection, self._office(request))}

    @route("GET", "/templates/<kind>", query=TemplateQuery, scope=STAFF)
    def template(self, request: Request, kind: str) -> Response:
        """The form of a kind that the reader's office uses."""
        known, directory = self.templates.kind(kind), self.app.directory.get()
        form = None
        if not request.query["shipped"]:
            with self.app.database.reading() as connection:
                form = self.templates.in_use(connection, directory, self._office(request), kind)
        content = form or self.templates.shipped(kind)
        return attachment(content, f"{known.name}.{known.format}", TYPES[known.format])

    @route("POST", "/templates/<kind>", body=TemplateIn, out=TemplateOut, scope=DECIDE, command=True)  # fmt: skip
    def put_template(self, request: Request, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Put an office's own form in the place of the shipped one; it is tried before it is used."""
        content = sheet.sent(body["content"])
        with self.app.database.unit(self.app.model) as unit:
            office = self._office(request)
            version = self.templates.put(unit, office, kind, content, request.actor)
            unit.audit(audit_row(unit, request, kind))
        return {"version": version}

    @route("POST", "/templates/<kind>/ending", out=EndedOut, scope=DECIDE, command=True)
    def end_template(self, request: Request, kind: str) -> dict[str, Any]:
        """停用: give an office's own form up."""
        with self.app.database.unit(self.app.model) as unit:
            self.templates.end(unit, self._office(request), kind)
            unit.audit(audit_row(unit, request, kind))
        return {"ended": True}

    def _office(self, request: Request) -> str:
        """The reader's office; for the command line, the site's own."""
        root = self.app.directory.get().root()
        return request.actor.office or (root.id if root else "")
