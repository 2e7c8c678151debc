"""Who acts. No name, no phone: an actor goes into logs and audit rows as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["officer", "petitioner", "service", "tool", "public"]
KINDS: frozenset[str] = frozenset({"officer", "petitioner", "service", "tool", "public"})

# System, audit and security administration are three people's work (GB/T 22239-2019, 8.1.5).
ADMIN_ROLES = frozenset({"auditor", "security", "admin"})
ROLES: Mapping[str, str] = {
    "clerk": "经办人",
    "head": "负责人",
    "supervisor": "督查",
    "triage": "分流",
    "auditor": "审计管理员",
    "security": "安全管理员",
    "admin": "系统管理员",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The one on whose behalf a request runs.

    Args:
        kind: what sort of actor.
        id: an officer's account, a service's name, the operator's account; never a person's name.
        office: the officer's office.
        roles: the officer's roles, keys of `ROLES`.
        petition: the one petition a petitioner may see; petitioners only.

    Errors: ValueError for a combination that cannot be.
    """

    kind: Kind
    id: str
    office: str | None = None
    roles: frozenset[str] = frozenset()
    petition: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of actor: {self.kind!r}")
        if not self.id:
            raise ValueError("an actor needs an id")
        if (self.kind == "petitioner") != bool(self.petition):
            raise ValueError("a petitioner, and nobody else, is bound to one petition")


PUBLIC_ACTOR = Actor("public", "public")
