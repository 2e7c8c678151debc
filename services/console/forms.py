"""The registration form, as typed: shared by the counter and by petitioners online."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

FIELDS = (
    "channel", "received_on", "type", "category", "division", "head_count", "household_count",
    "complained_about", "title", "text", "postmarked_on", "barcode",
)  # fmt: skip
PERSON = ("role", "name", "phone", "id_kind", "id_number", "address")
CLAIM = ("text", "type", "branch")
PERSON_DEFAULTS = {"role": "petitioner", "id_kind": "resident"}
MOST_PEOPLE = 20
DIGITS = 18
"""Digits of the largest number that JSON between our services takes."""
CLAIMS = 5
"""Claims that the form has room for."""


def new_key() -> str:
    """An Idempotency-Key for one form: sent twice, it takes effect once."""
    return secrets.token_hex(16)


def whole(typed: str) -> int | str | None:
    """A whole number, or what was written in its place: the owner says what is wrong with it."""
    number = typed.isascii() and typed.isdigit() and len(typed) <= DIGITS
    return int(typed) if number else typed or None


def new_person() -> dict[str, str]:
    """An empty row of the people table."""
    return dict.fromkeys(PERSON, "") | PERSON_DEFAULTS


@dataclass
class Registration:
    """What stands in the form."""

    values: dict[str, str]
    people: list[dict[str, str]] = field(default_factory=lambda: [new_person()])
    anonymous: bool = False
    key: str = field(default_factory=new_key)
    claims: list[dict[str, str]] = field(default_factory=list)
    accused: str = ""
    urgent: bool = False
    confidential: bool = False
    simple: bool = False

    @classmethod
    def fresh(cls, **values: str) -> Registration:
        """An empty form with some fields filled in."""
        return cls(dict.fromkeys(FIELDS, "") | {"head_count": "1"} | values)

    @classmethod
    def read(cls, form: MultiDict[str, str], **fixed: str) -> Registration:
        """What was typed; rows of people left empty are dropped.

        Args:
            fixed: fields that are not the writer's to choose.
        """
        values = {name: form.get(name, "").strip() for name in FIELDS} | fixed
        people = [row for i in range(MOST_PEOPLE) if _filled(row := _person(form, i))]
        key = form.get("key", "") or new_key()
        claims = [row for i in range(CLAIMS) if (row := _claim(form, i))["text"]]
        anonymous, accused = form.get("anonymous") == "yes", form.get("accused", "").strip()
        flags = [form.get(name) == "yes" for name in ("urgent", "confidential", "simple")]
        return cls(values, people or [new_person()], anonymous, key, claims, accused, *flags)

    def add_person(self) -> None:
        """One more empty row."""
        if len(self.people) < MOST_PEOPLE:
            self.people.append(new_person())

    def body(self) -> dict[str, Any]:
        """What intake is sent."""
        body: dict[str, Any] = {name: self.values[name] or None for name in FIELDS}
        body["head_count"] = whole(self.values["head_count"]) or 1
        body["household_count"] = whole(self.values["household_count"])
        body["anonymous"] = self.anonymous
        body["people"] = [
            {name: row[name] or None for name in PERSON} for row in self.people if _filled(row)
        ]
        if self.claims:
            kind = self.values["type"] or None
            body["claims"] = [
                {name: row[name] or (kind if name == "type" else None) for name in CLAIM}
                for row in self.claims
            ]
        body |= {"urgent": self.urgent, "confidential": self.confidential}
        body["simple"] = self.simple
        if self.accused:
            body["accused"] = [self.accused]
        return body

    def gaps(self) -> dict[str, str]:
        """What a petitioner has to fill in before the answers are shown for checking."""
        gaps = {}
        if not self.values["type"]:
            gaps["type"] = "请选择您来信访的目的。"
        if not self.values["text"]:
            gaps["text"] = "请写明事情经过和您的要求。"
        if not self.anonymous and not self.people[0]["name"]:
            gaps["people.0.name"] = "请填写姓名；不愿署名的，请勾选“匿名”。"
        return gaps

    @property
    def received_on(self) -> date | None:
        """The date of receipt, if it is one."""
        try:
            return date.fromisoformat(self.values["received_on"])
        except ValueError:
            return None


def _person(form: MultiDict[str, str], index: int) -> dict[str, str]:
    row = {name: form.get(f"people.{index}.{name}", "").strip() for name in PERSON}
    return row | {name: row[name] or usual for name, usual in PERSON_DEFAULTS.items()}


def _claim(form: MultiDict[str, str], index: int) -> dict[str, str]:
    return {name: form.get(f"claims.{index}.{name}", "").strip() for name in CLAIM}


def _filled(row: dict[str, str]) -> bool:
    return any(row[name] for name in PERSON if name not in PERSON_DEFAULTS)
