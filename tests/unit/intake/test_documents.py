"""证件: only what is certainly wrong is refused, and one person has one spelling."""

from __future__ import annotations

import pytest

from intake.domain import documents
from intake.schemas import PersonIn
from intake.store import Person
from tests.people import person
from tests.unit.intake.test_intake_handlers import VAULT, registered


def resident(seventeen: str) -> str:
    return seventeen + documents.check_sign(seventeen)


@pytest.mark.parametrize(
    ("kind", "number", "fault"),
    [
        ("resident", "11010519491231002X", None), ("resident", "11010519491231002x", None),
        ("resident", "110105194912310021", "id-check"), ("resident", "110105491231002", None),
        ("resident", resident("11010519491331002"), "id-birth"), ("resident", "110105491331002", "id-birth"),
        ("resident", "110105000229002", "id-birth"), ("resident", resident("11010520000229002"), None),
        ("resident", "1101054912310", "id-form"), ("resident", "E12345678", "id-form"),
        ("passport", "E12345678", None), ("passport", "EA1234567", None), ("passport", "123456789", None),
        ("passport", "E1234 5678", "id-form"), ("passport", "E1", "id-form"),
        ("hk_macau", "H12345678", None), ("hk_macau", "M1234567801", None), ("hk_macau", "A12345678", "id-form"),
        ("taiwan", "12345678", None), ("taiwan", "0123456789B", None), ("taiwan", "1234567", "id-form"),
        ("residence", resident("81000019900101001"), None), ("residence", "810000199001010010", "id-check"),
        ("foreigner", "USA110077051801", None), ("foreigner", resident("91133019900101001"), None),
        ("foreigner", "US1", "id-form"),
        ("other", "南字第12345678号", None), ("other", "x", "id-form"), ("other", "a\nb", "id-form"),
        ("other", "<script>", "id-form"),
    ],
)  # fmt: skip
def test_what_is_certainly_wrong(kind: str, number: str, fault: str | None) -> None:
    found = documents.check(kind, number)
    assert (found[0] if found else None) == fault


def test_every_kind_has_its_form_and_its_words() -> None:
    assert documents.FORMS.keys() == documents.KINDS.keys()


def test_the_old_number_is_the_same_person() -> None:
    new = "11010519491231002X"
    assert documents.canonical("110105491231002") == new
    assert documents.canonical(new) == new and documents.canonical("E12345678") == "E12345678"
    assert documents.canonical("110105010101999")[6:10] == "1801", "a hundred years old"
    desk, _, _ = registered(people=[person(id_number="110105491231002")])
    (kept,) = desk.all(Person)
    assert kept.id_index == VAULT.blind(new, "id_number")
    assert VAULT.open(kept.id_number, f"person.id_number:{kept.number}:1") == "110105491231002"


def test_without_a_number_there_is_no_kind() -> None:
    desk, _, _ = registered(people=[person(id_number=None)])
    (kept,) = desk.all(Person)
    assert kept.id_kind is None and kept.id_index is None


def test_a_body_names_the_kind() -> None:
    schema = PersonIn()
    assert schema.load({"name": "甲", "id_kind": "passport", "id_number": "E12345678"})
    wrong = schema.validate({"name": "甲", "id_number": "E12345678", "phone": "x"})
    assert set(wrong) == {"id_number", "phone"}, "each fault is told at once"
    assert set(schema.validate({"name": "甲", "id_kind": "library"})) == {"id_kind"}
