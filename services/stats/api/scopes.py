"""Who may ask, report, sign, and keep what holds for the whole site."""

from __future__ import annotations

from kit import identity

STAFF = identity.STAFF | identity.TOOL
REPORT = identity.CLERK | identity.HEAD | identity.TRIAGE | identity.TOOL
SIGN = identity.HEAD | identity.TRIAGE | identity.TOOL
KEEP = SIGN | identity.ADMIN
