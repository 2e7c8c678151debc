"""Events of the console."""

from __future__ import annotations

from marshmallow import fields

from contracts.schemas.base import EventSchema, code


class AccountChanged(EventSchema):
    """An account was made, changed or closed: no name in it."""

    type, publisher = "account.changed", "console"
    id = code()
    office = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    active = fields.Boolean(required=True)
