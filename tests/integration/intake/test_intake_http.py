"""The register over HTTP: what is taken, what is refused and how it is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from kit import clock
from kit.events import BEGINNING, POSITION
from kit.identity import PUBLIC_ACTOR, Actor
from kit.migrations import engine_for
from tests.county import PERSON, TEXT, County, assert_problem, body, today
from tests.waiting import settled

BUREAU = "330282-xfj"


def someone(**changes: Any) -> list[dict[str, Any]]:
    return [PERSON | changes]


def tomorrow() -> str:
    return (clock.local_date(clock.now()) + timedelta(days=1)).isoformat()


REPRESENTATIVES = [{"role": "representative", "name": f"代表{n}"} for n in range(6)]
BAD: list[tuple[str, dict[str, Any], int, str, str]] = [
    # what, the change, status, problem, the field named
    ("unknown field", {"colour": "red"}, 422, "invalid", "colour"),
    ("unknown field of a person", {"people": someone(sect="x")}, 422, "invalid", "people.0.sect"),
    ("no text", {"text": ...}, 422, "invalid", "text"),
    ("empty text", {"text": ""}, 422, "invalid", "text"),
    ("blank text", {"text": " \n\t "}, 422, "invalid", "text"),
    ("text that is a number", {"text": 7}, 422, "invalid", "text"),
    ("text too long", {"text": "字" * 20_001}, 422, "invalid", "text"),
    ("control character", {"text": "a\x07b"}, 422, "invalid", "text"),
    ("NUL", {"text": "a\x00b"}, 422, "invalid", "text"),
    ("NUL in a list", {"people": someone(name="张\x00")}, 422, "invalid", "people.0.name"),
    ("direction mark", {"title": "a\u202eb"}, 422, "invalid", "title"),
    ("title of two lines", {"title": "a\nb"}, 422, "invalid", "title"),
    ("unknown channel", {"channel": "pigeon"}, 422, "invalid", "channel"),
    ("channel of wrong type", {"channel": ["visit"]}, 422, "invalid", "channel"),
    ("no type", {"type": None}, 422, "invalid", "type"),
    ("no date", {"received_on": "yesterday"}, 422, "invalid", "received_on"),
    ("a day that is none", {"received_on": "2026-02-30"}, 422, "invalid", "received_on"),
    ("a date in the future", {"received_on": tomorrow()}, 422, "refused", "received_on"),
    ("a date long ago", {"received_on": "1989-12-31"}, 422, "refused", "received_on"),
    ("head count of nobody", {"head_count": 0}, 422, "invalid", "head_count"),
    ("head count as text", {"head_count": "3"}, 422, "invalid", "head_count"),
    ("head count with a fraction", {"head_count": 1.5}, 422, "invalid", "head_count"),
    ("head count of a nation", {"head_count": 10**12}, 422, "invalid", "head_count"),
    ("no household", {"household_count": 0}, 422, "invalid", "household_count"),
    ("households as text", {"household_count": "2"}, 422, "invalid", "household_count"),
    ("more households than heads", {"household_count": 2}, 422, "refused", "household_count"),
    ("households of a letter", {"channel": "letter", "household_count": 1}, 422, "refused", "household_count"),
    ("fewer heads than names", {"people": [PERSON, PERSON]}, 422, "refused", "head_count"),
    ("six representatives", {"people": REPRESENTATIVES, "head_count": 6}, 422, "refused", "people"),
    ("anonymous with people", {"anonymous": True}, 422, "refused", "people"),
    ("nobody, not anonymous", {"people": []}, 422, "refused", "people"),
    ("people that are no list", {"people": PERSON}, 422, "invalid", "people"),
    ("21 people", {"people": [PERSON] * 21, "head_count": 21}, 422, "invalid", "people"),
    ("id number, wrong check sign", {"people": someone(id_number="110105194912310021")}, 422,
     "invalid", "people.0.id_number"),
    ("id number, too short", {"people": someone(id_number="1101051949")}, 422, "invalid",
     "people.0.id_number"),
    ("id number, line feed behind", {"people": someone(id_number="11010519491231002X\n")}, 422,
     "invalid", "people.0.id_number"),
    ("id number, foreign digits", {"people": someone(id_number="١١٠١٠٥١٩٤٩١٢٣١٠٠٢X")}, 422,
     "invalid", "people.0.id_number"),
    ("phone of letters", {"people": someone(phone="call me")}, 422, "invalid", "people.0.phone"),
    ("phone, line feed behind", {"people": someone(phone="13800005678\n")}, 422, "invalid",
     "people.0.phone"),
    ("person without a name", {"people": [{"phone": "13800005678"}]}, 422, "invalid",
     "people.0.name"),
    ("unknown role", {"people": someone(role="boss")}, 422, "invalid", "people.0.role"),
    ("division of six digits", {"division": "330282"}, 422, "invalid", "division"),
    ("division, line feed behind", {"division": "330282104000\n"}, 422, "invalid", "division"),
    ("a time of one's own", {"registered_at": "2026-01-01T00:00:00Z"}, 422, "refused",
     "registered_at"),
    ("category too long", {"category": "c" * 65}, 422, "invalid", "category"),
]  # fmt: skip


@pytest.fixture(scope="module")
def clerk(county: County) -> Actor:
    return county.officer(BUREAU, "clerk")


@pytest.mark.parametrize(
    ("what", "change", "status", "code", "field"), BAD, ids=[b[0] for b in BAD]
)
def test_a_bad_registration_is_refused_by_its_field(
    county: County, clerk: Actor, what: str, change: dict[str, Any], status: int, code: str, field: str
) -> None:  # fmt: skip
    before = county.counts()
    result = county.post("intake", "/petitions", body(**change), clerk)
    assert_problem(result, status, code, field)
    assert county.counts() == before, "nothing changed"


RAW: list[tuple[str, dict[str, Any], int, str, str | None]] = [
    ("no key", {"json": {}, "key": ""}, 400, "idempotency-key", "Idempotency-Key"),
    ("a key too long", {"json": {}, "key": "k" * 129}, 400, "idempotency-key", "Idempotency-Key"),
    ("a key of control characters", {"json": {}, "key": "a\tb"}, 400, "idempotency-key",
     "Idempotency-Key"),
    ("no body", {}, 400, "body-missing", None),
    ("no JSON", {"body": b"{", "content_type": "application/json"}, 400, "bad-json", None),
    ("half a letter", {"body": b'{"text":"\xe5"}', "content_type": "application/json"}, 400,
     "bad-json", None),
    ("half a surrogate", {"body": b'{"text":"\\ud800"}', "content_type": "application/json"}, 400,
     "bad-json", None),
    ("a list", {"json": []}, 422, "invalid", ""),
    ("a form", {"body": b"text=x", "content_type": "application/x-www-form-urlencoded"}, 415,
     "content-type", "Content-Type"),
    ("text", {"body": b"{}", "content_type": "text/plain"}, 415, "content-type", "Content-Type"),
    ("another charset", {"body": b"{}", "content_type": "application/json; charset=gbk"}, 415,
     "content-type", "Content-Type"),
    ("a huge body", {"body": b" " * ((1 << 20) + 1), "content_type": "application/json"}, 413,
     "too-large", None),
    ("a seen that is none", {"json": {}, "seen": "routing"}, 400, "petition-seen",
     "Petition-Seen"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sent", "status", "code", "field"), RAW, ids=[r[0] for r in RAW])
def test_a_bad_request_is_refused(
    county: County, clerk: Actor, what: str, sent: dict[str, Any], status: int, code: str,
    field: str | None,
) -> None:  # fmt: skip
    before = county.counts()
    assert_problem(
        county.request("POST", "intake", "/petitions", clerk, **sent), status, code, field
    )
    assert county.counts() == before


def test_a_good_registration(county: County, clerk: Actor) -> None:
    result = county.post("intake", "/petitions", body(), clerk)
    assert result.status == 201 and result.headers["petition-sequence"] == "intake:1"
    number = result.json["number"]
    assert number.startswith(f"330282{today().replace('-', '')}")
    shown = county.get("intake", f"/petitions/{number}", clerk).json
    assert shown["petition"]["registered_by"] == BUREAU and shown["text"] == TEXT
    (person,) = shown["people"]
    assert (person["name"], person["phone"]) == ("张*", "138****5678")
    assert person["id_number"].startswith("110") and "*" in person["id_number"]


@pytest.mark.parametrize(
    "text",
    ['O\'Brien \\ "%s" %% ; -- 张三', "字" * 20_000, "𠮷野家\n第二行\t制表", "'; DROP TABLE x; --"],
)
def test_any_text_comes_back_as_it_was_written(county: County, clerk: Actor, text: str) -> None:
    number = county.register(clerk, text=text, title="'\"\\%")
    shown = county.get("intake", f"/petitions/{number}", clerk).json
    assert shown["text"] == text and shown["title"] == "'\"\\%"


def test_the_same_key_registers_once(county: County, clerk: Actor) -> None:
    first = county.post("intake", "/petitions", body(), clerk, key="same")
    before = county.counts()
    again = county.post("intake", "/petitions", body(), clerk, key="same")
    assert (again.status, again.json) == (201, first.json)
    other = county.post("intake", "/petitions", body(text="另一件事"), clerk, key="same")
    assert_problem(other, 422, "idempotency-key-reused", "Idempotency-Key")
    assert county.counts() == before


def test_the_old_and_the_new_number_find_the_same_person(county: County, clerk: Actor) -> None:
    old = county.register(clerk, people=someone(id_number="110105491231002", phone=None))
    new = county.register(clerk, people=someone(phone=None))
    for number in ("110105491231002", "11010519491231002X"):
        found = county.post("intake", "/search", {"id_number": number}, clerk).json["numbers"]
        assert {old, new} <= set(found)
    repeats = county.get("intake", f"/petitions/{new}/repeats", clerk).json["candidates"]
    assert old in [other["number"] for other in repeats]
    (shown,) = county.get("intake", f"/petitions/{old}", clerk).json["people"]
    assert shown["id_kind"] == "resident" and shown["id_number"].startswith("110*")


def test_numbers_of_a_day_follow_one_another(county: County, clerk: Actor) -> None:
    numbers = [int(county.register(clerk)[-4:]) for _ in range(3)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_who_files_online_gets_a_code_that_opens_this_petition_alone(county: County) -> None:
    filed = county.post("intake", "/petitions", body(channel="web"), PUBLIC_ACTOR).json
    other = county.register()
    token = county.post(
        "intake", "/petitioner-tokens", {"number": filed["number"], "code": filed["query_code"]},
        PUBLIC_ACTOR,
    ).json["token"]  # fmt: skip
    client = county.clients["intake"]
    mine = client.get(f"/petitions/{filed['number']}", Authorization=f"Bearer {token}")
    assert mine.status == 200 and mine.json["petition"]["registered_by"] == BUREAU
    assert client.get(f"/petitions/{other}", Authorization=f"Bearer {token}").status == 404


@pytest.mark.parametrize("change", ["number", "code"])
def test_a_wrong_code_or_number_is_told_the_same(county: County, change: str) -> None:
    filed = county.post("intake", "/petitions", body(channel="web"), PUBLIC_ACTOR).json
    asked = {"number": filed["number"], "code": filed["query_code"]}
    asked[change] = "330282202601010001" if change == "number" else "AAAA-AAAA-AAAA"
    result = county.post("intake", "/petitioner-tokens", asked, PUBLIC_ACTOR)
    assert_problem(result, 403, "code-wrong", "code")


def test_online_has_its_own_channels(county: County) -> None:
    result = county.post("intake", "/petitions", body(channel="letter"), PUBLIC_ACTOR)
    assert_problem(result, 422, "refused", "channel")
    assert result.json["rule"] == "channel-not-public"


def test_a_refusal_by_law_names_its_article(county: County, clerk: Actor) -> None:
    wrong = body(people=REPRESENTATIVES, head_count=6)
    problem = county.post("intake", "/petitions", wrong, clerk).json
    assert problem["rule"] == "too-many-representatives"
    assert problem["article"] == "信访工作条例 第二十条"


def test_an_import_brings_its_own_times(county: County) -> None:
    result = county.post(
        "intake", "/petitions",
        body(registered_at="2026-01-05T01:00:00Z", received_on="2026-01-04"),
    )  # fmt: skip
    assert result.json["number"].startswith("33028220260105")


def test_an_accusation_is_shown_only_to_who_may_open_it(county: County, clerk: Actor) -> None:
    number = county.register(clerk, type="accusation", text="举报李某受贿。", title="举报李某")
    shown = county.get("intake", f"/petitions/{number}", clerk).json
    assert shown["sealed"] and shown["text"] == "举报李某受贿。" and shown["title"] == "(密封件)"
    (stored,) = county.sql("SELECT text, title FROM intake.petition WHERE number = :n", n=number)
    assert stored == (None, None)
    ((sealed, envelope),) = county.sql(
        "SELECT sealed, envelope FROM intake.event_log WHERE subject = :n", n=number
    )
    assert sealed and "李某" not in bytes(envelope).decode()
    service = Actor("service", "routing")
    texts = county.post("intake", "/internal/place-texts", {"numbers": [number]}, service)
    assert texts.json["texts"] == {}


def test_seeing_who_petitioned_needs_a_reason_and_is_logged(county: County, clerk: Actor) -> None:
    number = county.register(clerk)
    url = f"/petitions/{number}/identity"
    before = county.counts()
    assert_problem(county.post("intake", url, {}, clerk), 422, "invalid", "reason")
    assert_problem(county.post("intake", url, {"reason": " "}, clerk), 422, "invalid", "reason")
    assert county.counts() == before
    shown = county.post("intake", url, {"reason": "电话联系张三"}, clerk).json["people"][0]
    assert (shown["name"], shown["phone"]) == ("张三", "13800005678")
    ((action, subject, actor, detail),) = county.sql(
        "SELECT action, subject, actor, detail::text FROM intake.audit_log"
        " WHERE action = 'read-identity' AND subject = :n", n=number,
    )  # fmt: skip
    assert (action, subject, actor) == ("read-identity", number, clerk.id)
    assert "张三" not in detail, "the reason is sealed"


def test_every_reading_of_a_petition_by_an_officer_is_logged(county: County, clerk: Actor) -> None:
    number = county.register(clerk)
    county.get("intake", f"/petitions/{number}", clerk)
    county.get("intake", f"/petitions/{number}", county.officer("330282-rsj", "clerk"))
    logged = county.sql(
        "SELECT actor FROM intake.audit_log WHERE action = 'read' AND subject = :n", n=number
    )
    assert logged == [(clerk.id,)]


def test_the_feed_gives_every_event_page_by_page(county: County) -> None:
    service, seen, after = Actor("service", "stats"), [], BEGINNING
    settled(engine_for(county.url))
    while True:
        page = county.get("intake", f"/internal/events?after={after}&limit=3", service)
        if not page.body:
            break
        seen += [orjson.loads(line)["id"] for line in page.body.splitlines()]
        assert page.headers[POSITION] != after
        after = page.headers[POSITION]
    log = county.sql("SELECT event_id::text FROM intake.event_log ORDER BY position")
    assert seen == [row[0] for row in log]


def test_nothing_of_a_person_is_in_any_event(county: County, clerk: Actor) -> None:
    county.deliver()
    for service in ("intake", "routing", "supervision"):
        for (envelope,) in county.sql(f"SELECT envelope FROM {service}.event_log"):
            data = orjson.loads(bytes(envelope))["data"]
            assert not {"people", "text", "title", "opinion", "reason"} & data.keys()
            for value in ("张三", "13800005678", "拖欠工资"):
                assert value not in bytes(envelope).decode()
