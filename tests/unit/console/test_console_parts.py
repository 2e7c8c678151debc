"""Accounts, words, lists, filters, charts, calls: what pages are made of."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import requests

from console import accounts, charts, passwords, seen, telling, words
from console.client import Calls, Down, Network, Refusal
from console.forms import Registration
from console.listing import Filters
from console.lists import Lists, ListsCache
from console.store import Account
from contracts import codes, schemas
from kit import clock
from tests.unit.console.fakes import OFFICES, FakeServices

LISTS = ListsCache(lambda: Calls(FakeServices(str))).get()


# -- accounts --------------------------------------------------------------------------------------


def test_a_password_is_hashed_with_a_salt_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 4)
    password = passwords.make()
    one, two = passwords.encode(password), passwords.encode(password)
    assert one != two
    assert one.startswith("scrypt$4$8$5$")
    assert password not in one
    monkeypatch.setattr(passwords, "COST", 5)
    assert passwords.matches(password, one)
    assert not passwords.matches(password + " ", one)
    assert not passwords.matches("x" * 129, one)


LOG_INS = """
from concurrent.futures import ThreadPoolExecutor
from console import passwords
def kept():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))
passwords.give_back_large_blocks()
before = kept()
with ThreadPoolExecutor(12) as pool:
    list(pool.map(lambda _: passwords.matches("x", passwords.NOBODY), range(24)))
    print((kept() - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_day_of_log_ins_leaves_the_process_as_small_as_it_was() -> None:
    command = [sys.executable, "-c", LOG_INS]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert int(done.stdout) < 20, "MB; 192 without"


def test_demonstration_accounts_are_made_once(app: Any) -> None:
    offices = {row[0]: row[1] for row in OFFICES}
    made = accounts.ensure_demo(app, offices)
    assert len(made) == 7
    assert len({password for _, password, _ in made}) == 7
    assert accounts.ensure_demo(app, offices) == made
    events = [entry.event for entry in app.database.store.log]
    assert [event.type for event in events] == ["account.changed"] * 7
    file = app.settings.state / accounts.DEMO_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert accounts.read_demo(app.settings.state) == {
        login: password for login, password, _ in made
    }
    assert not list(app.settings.state.glob(".*"))


def test_the_officers_of_an_abolished_body_belong_to_its_successor(app: Any) -> None:
    accounts.ensure_demo(app, {row[0]: row[1] for row in OFFICES})
    ids = [row.id for row in app.staff([accounts.DEPARTMENT])]
    assert ids and accounts.move(app.database, app.model, ids, accounts.TOWN) == len(ids)
    assert app.staff([accounts.DEPARTMENT]) == []
    told = [entry.event.data for entry in app.database.store.log][-len(ids) :]
    assert {data["office"] for data in told} == {accounts.TOWN}


def test_a_lost_file_of_passwords_makes_new_ones(app: Any) -> None:
    offices = {row[0]: row[1] for row in OFFICES}
    before = dict(made[:2] for made in accounts.ensure_demo(app, offices))
    (app.settings.state / accounts.DEMO_FILE).unlink()
    after = dict(made[:2] for made in accounts.ensure_demo(app, offices))
    assert not set(before.values()) & set(after.values())
    assert app.log_in("zhen", before["zhen"]) is None
    assert app.log_in("zhen", after["zhen"]) is not None


def test_offices_of_other_counties_get_no_accounts(app: Any) -> None:
    assert [login for login, _, _ in accounts.ensure_demo(app, {})] == ["shenji"]


def test_lock_out() -> None:
    now = clock.now()
    row = Account("a", "a", "岗", None, None, [], "", True, now)
    assert [accounts.judge(row, False, now) for _ in range(5)] == [False] * 5
    assert row.locked_until == now + accounts.LOCKED
    assert not accounts.judge(row, True, now + accounts.LOCKED - timedelta(seconds=1))
    assert accounts.judge(row, True, now + accounts.LOCKED)
    assert (row.failed, row.locked_until) == (0, None)
    row.active = False
    assert not accounts.judge(row, True, now + accounts.LOCKED)


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (words.CHANNELS, codes.CHANNELS), (words.TYPES, codes.TYPES),
        (words.TYPES_PLAIN, codes.TYPES), (words.STATUSES, codes.STATUSES),
        (words.STATUSES_PLAIN, codes.STATUSES), (words.METHODS, codes.METHODS),
        (words.OUTCOMES, codes.OUTCOMES), (words.SERVICE_METHODS, codes.SERVICE_METHODS),
        (words.RATINGS, codes.RATINGS), (words.DUTIES, codes.DUTIES),
        (words.RECEIPTS, codes.RECEIPTS), (words.STAGES, codes.STAGES),
        (words.REVIEW_OUTCOMES, codes.REVIEW_OUTCOMES), (words.BRANCHES, codes.BRANCHES),
        (words.PROCEDURES, codes.PROCEDURES), (words.OBJECTIONS, codes.OBJECTIONS),
        (words.DECLINES, codes.DECLINES), (words.FINALS, codes.FINALS),
        (words.ORDERS, codes.ORDERS + codes.AFFAIRS), (words.ORDER_REASONS, codes.ORDER_REASONS),
        (words.MEDIATIONS, codes.MEDIATIONS),
        (words.URGENT_TO, codes.URGENT_TO),
        (words.URGENT_METHODS, codes.URGENT_METHODS),
        (words.FOLLOW_UP_METHODS, codes.FOLLOW_UP_METHODS),
        (words.FOLLOW_UP_RESULTS, codes.FOLLOW_UP_RESULTS),
        (words.RECEPTIONS, codes.RECEPTIONS),
        (words.RECUSALS, codes.RECUSALS),
    ],
)  # fmt: skip
def test_every_code_has_its_word(table: dict[str, str], codes: tuple[str, ...]) -> None:
    assert set(table) == set(codes)


def test_every_event_of_a_petition_is_told() -> None:
    told = set(telling._TELLERS)
    published = {event.type for event in schemas.EVENTS}
    other = ("office", "account", "affair", "report")  # about no petition
    about = {name for name in published if name.partition(".")[0] not in other}
    assert told == about - {"reception.changed"}


def test_a_limit_ends_with_its_last_day() -> None:
    due = "2026-03-17T16:00:00Z"  # midnight after the 17th in Shanghai
    assert str(words.last_day(due, "Asia/Shanghai")) == "2026-03-17"
    at = words.instant("2026-03-17T15:59:59Z")
    assert words.days_left(due, at, "Asia/Shanghai") == "今天到期"
    assert words.days_left(due, at - timedelta(days=3), "Asia/Shanghai") == "还有 3 天"
    assert words.days_left(due, at + timedelta(seconds=1), "Asia/Shanghai") == "已超 1 天"


def test_field_names() -> None:
    assert words.field("people.1.phone") == "第 2 人 电话"
    assert words.field("text") == "内容"
    assert words.field("people.x.name") == "people.x.name"


# -- lists -----------------------------------------------------------------------------------------


def test_names_of_places_offices_and_categories() -> None:
    assert LISTS.place("330282121204") == "周巷镇 天潭村委会"
    assert LISTS.place("330282121000") == "周巷镇"
    assert LISTS.place("999999999999") == "999999999999"
    assert LISTS.office("330282-rsj") == "人社局"
    assert LISTS.office("gone") == "gone"
    assert LISTS.office(None) == ""
    assert LISTS.category("c040101") == "农业农村 / 村务管理 / 村务公开"
    assert LISTS.site_name == "慈溪市信访局"


def test_what_routing_proposes_comes_first() -> None:
    choice = {
        "office": None, "candidates": ["330282-rsj", "unknown"], "competent": "330282-rsj",
        "territorial": "330282121-xfb",
    }  # fmt: skip
    (group,) = LISTS.proposed(choice)
    assert [id for id, _ in group.choices] == ["330282-rsj", "330282121-xfb"]
    assert LISTS.proposed(None) == ()


def test_lists_are_kept_while_routing_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    services = FakeServices(str)
    cache = ListsCache(lambda: Calls(services))
    at = [1000.0]
    monkeypatch.setattr("console.lists.time.monotonic", lambda: at[0])
    assert not cache.get().missing
    services.down = {"routing"}
    at[0] += 61
    assert cache.get().offices
    count = len(services.calls)
    cache.get()
    assert len(services.calls) == count
    assert Lists(missing=True).place_groups == ()


# -- filters, sequences, charts --------------------------------------------------------------------


def test_the_way_back_is_bounded() -> None:
    filters = Filters(status="closed")
    for i in range(100):
        filters = filters.forward(f"2026-03-02T00:00:00Z~{i}")
    assert len(filters.trail) < 2000
    steps = 0
    back = filters.back()
    while back is not None:
        steps, filters, back = steps + 1, back, back.back()
    assert filters == Filters(status="closed")
    assert 40 <= steps <= 42


def test_sequences() -> None:
    assert seen.merged("routing:5 intake:3", "routing:4", "", "nonsense") == "intake:3 routing:5"
    assert seen.reached({"routing": 5}, {"routing": 5})
    assert not seen.reached({}, {"routing": 1})


def test_columns_cover_thirty_days() -> None:
    columns = charts.columns(
        [{"day": "2026-03-01", "n": 4}, {"day": "2026-02-28", "n": 2}], "2026-03-02"
    )
    assert len(columns) == 30
    assert [c.height for c in columns[-3:]] == [75.0, 150.0, 0.0]
    assert charts.columns([], "2026-03-02")[0].height == 0
    assert charts.bars({}, {}) == []


def test_a_trend_is_small_columns_with_gaps() -> None:
    columns = charts.spark([None, 0, 5, 10])
    assert [c["height"] for c in columns] == [0, 1, 12, 24], "unknown is a gap, nought a line"
    assert all(c["y"] + c["height"] == 24 for c in columns)
    assert charts.spark([]) == [] and charts.spark([None])[0]["height"] == 0


def test_a_head_count_that_is_no_number_is_left_to_intake() -> None:
    form = Registration.fresh(head_count="五")
    assert form.body()["head_count"] == "五"
    form.values["head_count"] = ""
    assert form.body()["head_count"] == 1


def test_households_are_told_as_typed_and_left_out_where_nobody_counted() -> None:
    told = [Registration.fresh(household_count=typed).body()["household_count"] for typed in ("", "2", "两户")]  # fmt: skip
    assert told == [None, 2, "两户"]


# -- calls -----------------------------------------------------------------------------------------


def _answer(status: int, body: bytes = b"{}") -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = status, body
    return response


@pytest.mark.parametrize(
    "outcome",
    [
        requests.ConnectTimeout(), requests.ReadTimeout(), requests.ConnectionError(), _answer(503),
        _answer(429), _answer(200, b"<html>"), requests.TooManyRedirects(),
    ],
)  # fmt: skip
def test_a_service_that_does_not_answer_is_down(
    outcome: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(lambda _: "http://service")

    def request(*_: Any, **options: Any) -> requests.Response:
        assert options["timeout"] == (1.0, 5.0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome  # type: ignore[no-any-return]

    monkeypatch.setattr(network._session, "request", request)
    with pytest.raises(Down):
        Calls(network).desk()


def test_a_broken_connection_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(lambda _: "http://service")
    outcomes: list[Any] = [requests.ConnectionError(), _answer(200, b'{"number":"1"}')]
    keys = []

    def request(*_: Any, headers: dict[str, str], **__: Any) -> requests.Response:
        keys.append(headers["Idempotency-Key"])
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome  # type: ignore[no-any-return]

    monkeypatch.setattr(network._session, "request", request)
    assert Calls(network, "t").rate("1", {}, "k", "intake:1") == {"number": "1"}
    assert keys == ["k", "k"]


def test_nobody_waits_twice_for_a_service_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    network, asked = Network(lambda _: "http://service"), []

    def request(method: str, url: str, **_: Any) -> requests.Response:
        asked.append(url)
        raise requests.ReadTimeout

    monkeypatch.setattr(network._session, "request", request)
    calls = Calls(network)
    accept = partial(calls.step, "supervision", "/cases/1/acceptance", {}, "k", "")
    for call in (calls.desk, calls.desk, accept, calls.offices):
        with pytest.raises(Down):
            call()
    assert [url.rpartition("/")[2] for url in asked] == ["desk", "acceptance", "offices"]


def test_a_refusal_is_read_field_by_field() -> None:
    body = {
        "type": "/problems/invalid", "detail": "填写有误。", "article": "信访工作条例 第二十条",
        "errors": [{"field": "a", "detail": "一"}, {"field": "a", "detail": "二"}],
    }  # fmt: skip
    refusal = Refusal.read("intake", 422, body)
    assert refusal.errors == {"a": "一 二"}
    assert refusal.code == "invalid"
    assert refusal.detail == "填写有误。（信访工作条例 第二十条）"
    assert Refusal.read("intake", 404, "?").detail == "操作未完成（404）。"
