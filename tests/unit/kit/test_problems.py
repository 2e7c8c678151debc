"""Every exception becomes a problem; fields are named in both languages."""

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from kit.problems import (
    FieldError,
    Message,
    Problem,
    busy,
    from_error,
    invalid,
    teach,
    unauthenticated,
)


class Inner(Schema):
    text = fields.String(required=True, validate=validate.Length(min=2, max=4))
    kind = fields.String(validate=validate.OneOf(["a", "b"]))


class Outer(Schema):
    count = fields.Integer(strict=True, validate=validate.Range(min=1, max=9))
    day = fields.Date()
    at = fields.AwareDateTime()
    flag = fields.Boolean()
    inner = fields.Nested(Inner)
    many = fields.List(fields.Nested(Inner))
    own = fields.String(validate=lambda _: _own())


def _own() -> None:
    raise ValidationError(Message("Say it.", "请说。", "own"))


def errors_of(data: object) -> dict[str, FieldError]:
    with pytest.raises(ValidationError) as caught:
        Outer().load(data)  # type: ignore[arg-type]
    problem = from_error(caught.value)
    assert problem.status == 422
    return {error.field: error for error in problem.errors}


@pytest.mark.parametrize(
    ("data", "field", "code", "zh"),
    [
        ({"count": 0}, "count", "range", "应不小于 1，且不大于 9。"),
        ({"count": "x"}, "count", "integer", "应为整数。"),
        ({"count": None}, "count", "null", "此项不能为空。"),
        ({"day": "2026-02-30"}, "day", "date", "应为日期（年-月-日）。"),
        ({"at": "2026-02-03T00:00:00"}, "at", "datetime", "应为带时区的日期时间。"),
        ({"flag": "maybe"}, "flag", "boolean", "应为是或否（true / false）。"),
        ({"inner": {}}, "inner.text", "required", "此项必填。"),
        ({"inner": 3}, "inner", "type", "此项的结构不对。"),
        ({"many": [{"text": "ok"}, {"text": "x"}]}, "many.1.text", "length", None),
        ({"many": {}}, "many", "list", "应为列表。"),
        ({"inner": {"text": "ok", "kind": "c"}}, "inner.kind", "choice", "只能是：a, b。"),
        ({"nothing": 1}, "nothing", "unknown", "没有这一项。"),
        ({"own": "x"}, "own", "own", "请说。"),
        (3, "", "type", "此项的结构不对。"),
    ],
)
def test_marshmallow_in_both_languages(data: object, field: str, code: str, zh: str | None):
    error = errors_of(data)[field]
    assert error.code == code
    assert error.detail == zh if zh else error.detail.isprintable()
    assert error.detail_en.isascii()


def test_every_field_is_named():
    assert set(errors_of({"count": 0, "day": "x", "inner": {}})) == {"count", "day", "inner.text"}


def test_unknown_words_are_still_an_error():
    problem = invalid({"a": ["Something new."]})
    assert problem.errors == (FieldError("a", "invalid", "此项填写有误。", "Something new."),)


class Refusal(Exception):
    rule, zh, en = "accept-in-time", "已过受理期限。", "The time to accept is over."
    article = "信访工作条例 第三十条"
    field = "accepted_on"


def test_a_refusal_of_the_domain_names_rule_and_article():
    body = from_error(Refusal()).body("urn:x")
    assert body["status"] == 409 and body["rule"] == "accept-in-time"
    assert body["article"].endswith("第三十条") and body["instance"] == "urn:x"
    assert body["errors"][0]["field"] == "accepted_on"


def test_a_refusal_may_have_a_status_of_its_own():
    refusal = Refusal()
    refusal.status = 422  # type: ignore[attr-defined]
    assert from_error(refusal).status == 422


def test_a_problem_stays_what_it_is():
    problem = Problem(418, "tea", "茶", "tea", field="pot")
    assert from_error(problem) is problem
    assert problem.body() == {
        "type": "/problems/tea",
        "title": "请求未完成",
        "status": 418,
        "detail": "茶",
        "detail_en": "tea",
        "errors": [{"field": "pot", "code": "tea", "detail": "茶", "detail_en": "tea"}],
    }


def test_a_fault_tells_nothing_of_the_inside():
    body = from_error(ValueError("password=secret")).body()
    assert body["status"] == 500 and "secret" not in str(body)


def test_kinds_of_error_can_be_taught():
    class Away(Exception):
        pass

    class FarAway(Away):
        pass

    teach(Away, lambda error: busy(3))
    assert from_error(FarAway()).headers == {"Retry-After": "3"}


def test_401_says_how_to_authenticate():
    assert unauthenticated().headers == {"WWW-Authenticate": "Bearer"}
