"""公开口径 and its table as a file; and the ends of the calendar, which are no fault of a page."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from console import tables
from console.pages.statistics import period
from tests.unit.console.browser import Desk
from tests.unit.console.fakes import CLOSED_ON_TIME, HIDDEN

ASKED = "what=closed_on_time&kind=month&on=2026-03-09&by=office&and=town"


def test_what_is_not_told_to_everybody_is_marked_and_explained(desk: Desk) -> None:
    browser = desk.browser("ducha")
    page = browser.get(f"/office/statistics?{ASKED}")
    assert "published" not in desk.services.asked and "※" not in page.words
    assert 'name="published" value="yes">' in page.text
    page = browser.get(f"/office/statistics?{ASKED}&published=yes")
    assert desk.services.asked["published"] == "true"
    assert "人社局 （未定属地） ※ ※ ※ ※ ※ ※ ※ 人社局" in page.words, "marks, not strokes"
    assert "不足 5 的数，以及能据以推算出这些数的" in page.words and "，公开口径" in page.words
    assert 'name="published" value="yes" checked' in page.text
    assert "/office/statistics/cases" not in page.text, "a published figure has no list"


def test_a_table_is_exported_as_it_is_shown(desk: Desk) -> None:
    browser = desk.browser("ducha")
    page = browser.get(f"/office/statistics?{ASKED}&published=yes")
    link = f"/office/statistics/table?{ASKED}&published=yes&format="
    assert link.replace("&", "&amp;") + "csv" in page.text
    answer = browser.get(f"{link}csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "closed_on_time-2026-03-01.csv" in answer.headers["content-disposition"]
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["cache-control"] == "no-store"
    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert lines == [
        ["单位", "镇、街道", "按期办结率（%）", "分子", "分母", "上年同期", "同比", "上期", "环比"],
        ["人社局", "（未定属地）", *"※※※※※※※"],
        ["人社局", "（未定属地）", "95", "19", "20", "—", "—", "93.8", "+1.2个百分点"],
        ["合计", "", "95", "19", "20", "—", "—", "93.8", "+1.2个百分点"],
        [tables.WHY, *[""] * 8],
        *([note, *[""] * 8] for note in (
            "数据：按期办结率（closed on time，closed_on_time）", "周期：2026-03-01 至 2026-03-31", "公开口径：是",
            lines[8][0], "口径：限办截止前办结的 ÷ 限办截止在本期的", "分子：限办截止前办结的", "分母：限办截止的",
            "依据：同类系统在用［F］",
        )),
    ]  # fmt: skip
    assert lines[8][0].startswith("数据截至：")
    assert desk.services.asked["published"] == "true"


def test_a_figure_is_narrowed_to_values_beside_what_it_is_told_by(desk: Desk) -> None:
    """限定: more dimensions than the two of a table."""
    browser = desk.browser("ducha")
    page = browser.get(f"/office/statistics?{ASKED}&channel=visit&size=joint&topic=c05")
    assert desk.services.asked["where"] == "channel:visit,topic:c05,size:joint"
    assert "信访形式：来访" in page.words and "个访、集体访：集体访" in page.words
    assert "按承办单位统计" in page.words and "数据截至" in page.words


def test_what_is_not_over_is_said_to_be_compared_up_to_the_same_day(desk: Desk) -> None:
    browser = desk.browser("ducha")
    said = "本期未满，比到同一天"
    assert said not in browser.get(f"/office/statistics?{ASKED}").words
    page = browser.get(f"/office/statistics?{ASKED}&as_of=2026-03-20")
    assert said in page.words and "按当时数据统计的没有明细" in page.words


def test_what_a_figure_is_compared_with_leads_to_its_cases_too(desk: Desk) -> None:
    page = desk.browser("ducha").get(f"/office/statistics?{ASKED}")
    link = "what=closed_on_time&amp;part=denominator&amp;before=1"
    assert f'<a href="/office/statistics/cases?{link}">93.8</a>' in page.text
    assert "closed on time（closed_on_time）" in page.words


def answer(**changes: Any) -> dict[str, Any]:
    count = CLOSED_ON_TIME | {"id": "registered", "name": "信访总量", "unit": "件次", "denominator": None}  # fmt: skip
    row = HIDDEN | {"values": {"channel": "visit"}, "value": "12", "hidden": False} | changes
    period = {"since": "2026-03-01", "until": "2026-03-31"}
    return {"indicator": count, "period": period, "by": ["channel"], "rows": [row], "total": row}


def test_numbers_of_a_table_are_numbers() -> None:
    book = load_workbook(
        io.BytesIO(tables.file(answer(on_previous="-50%"), [["来访"]], {}, "xlsx"))
    )
    rows = [[(cell.value, cell.data_type) for cell in row] for row in book.active.iter_rows(2)]
    assert rows[0] == [("来访", "s"), (12, "n"), ("—", "s"), ("—", "s"), ("—", "s"), ("-50%", "s")]
    assert rows[1][0] == ("合计", "s") and "※" not in str(rows), (
        "nothing is hidden, nothing explained"
    )


def test_a_table_without_groups_has_its_sum() -> None:
    whole = answer() | {"by": [], "rows": []}
    text = tables.file(whole, [], {"属地": "周巷镇"}, "csv").decode("utf-8-sig").splitlines()
    assert text[4] == "属地：周巷镇,,,,,"
    assert text[:2] == ["范围,信访总量（件次）,上年同期,同比,上期,环比", "合计,12,—,—,—,—"]


# -- the ends of the calendar ----------------------------------------------------------------------

PAGES = (
    "/office/statistics?kind={kind}&on={on}", "/office/statistics/table?kind={kind}&on={on}",
    "/office/topics?kind={kind}&on={on}", "/office/returns/sum?kind={kind}&on={on}",
    "/office/statistics/cases?what=registered&period={kind}:{on}",
    "/office/statistics/file?what=registered&period={kind}:{on}",
    "/office/figures?from={on}&to={on}", "/office/reports/330282-xfj?period={kind}:{on}",
)  # fmt: skip


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("url", PAGES)
def test_a_period_beyond_the_calendar_is_said_to_be_wrong(desk: Desk, url: str, on: str) -> None:
    browser = desk.browser("ducha")
    for kind in ("day", "week", "month", "quarter", "half", "year", "free"):
        page = browser.get(url.format(kind=kind, on=on))
        assert page.status != 500 and "此项填写有误" in page.words, (page.status, kind)


@pytest.mark.parametrize("path", ["cases", "file", "table"])
def test_a_refused_question_is_no_service_that_is_away(desk: Desk, path: str) -> None:
    browser = desk.browser("ducha")
    url = f"/office/statistics/{path}?what=registered&period=year:9999&kind=year&on=9999-01-01"
    page = browser.get(url)
    assert page.status == 422 and "周期" in page.words and "此项填写有误" in page.words
    desk.services.down = {"stats"}
    assert browser.get(url).status == 503


@pytest.mark.parametrize(
    ("url", "said"),
    [("/office/returns?month=9999-12-31", "月份：此项填写有误。"), ("/office/returns?month=0001-01-01", "月份：此项填写有误。"),
     ("/office/returns/330282-xfj?month=9999-12-31", "月份：此项填写有误。"),
     ("/office/reports?year=9999", "年度：此项填写有误。"), ("/office/bulletins?year=0001", "年度：此项填写有误。")],
)  # fmt: skip
def test_a_month_or_year_beyond_is_said_to_be_wrong(desk: Desk, url: str, said: str) -> None:
    page = desk.browser("ducha").get(url)
    assert page.status == 200 and said in page.words


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
def test_no_report_is_drawn_up_beyond(desk: Desk, on: str) -> None:
    browser = desk.browser("fenliu")
    for url, fields in (
        ("/office/reports/330282-xfj/drawing", {"kind": "year"}),
        ("/office/bulletins", {"step": "insert", "kind": "month", "title": "标题"}),
    ):
        browser.get("/office/reports")
        page = browser.post(url, on=on, **fields)
        assert page.status in (200, 422) and "此项填写有误" in page.words, url


@pytest.mark.parametrize("version", ["x", "", "²", "9" * 19, "9" * 5000])
@pytest.mark.parametrize("step", ["addition", "issue"])
def test_a_version_that_is_none_is_left_for_stats_to_refuse(
    desk: Desk, step: str, version: str
) -> None:
    browser = desk.browser("fenliu")
    browser.get("/office/reports")
    url = f"/office/reports/330282-xfj/{step}"
    page = browser.post(url, period="month:9999-02", version=version)
    assert page.status == 422 and "填写有误：文稿。" in page.words
    assert desk.services.asked["version"] == (version or None)


def test_a_kind_that_is_none_is_left_for_stats_to_refuse() -> None:
    assert period("decade", "2026-03-09", "") == "decade:2026-03-09"
    assert period("month", "soon", "") == "month:soon"


def test_a_month_of_returns_is_a_table_with_blanks_where_nobody_filled_in(desk: Desk) -> None:
    browser = desk.browser("ducha")
    page = browser.get("/office/returns?month=2026-02-01")
    assert "数据不平：来访 153,而分项之和为 155。" in page.words
    assert "/office/returns/file?month=2026-02-01&amp;format=csv" in page.text
    answer = browser.get("/office/returns/file?month=2026-02-01&format=csv")
    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert lines[0][:2] == ["单位", "状态"] and lines[1][0] == "信访局" and lines[1][2] == "3"
    assert lines[-1] == ["合计", "已签发之和", ""], "blank is not nought"


def test_a_sum_tells_which_returns_and_which_months_it_lacks(desk: Desk) -> None:
    page = desk.browser("ducha").get("/office/returns/sum?kind=year&on=2026-05-01")
    assert "本期月报尚未报齐：1月缺 34 份、2月缺 35 份。" in page.words
    assert "上年同期月报尚未报齐" not in page.words
    assert "来信（件次） 8 不全，缺3月 — 9" in page.words


def test_a_month_tells_when_its_returns_were_due_and_for_how_long_they_are_late(desk: Desk) -> None:
    month, own = "/office/returns?month=2026-02-01", "/office/returns/330282-xfj?month=2026-02-01"
    browser = desk.browser("ducha")
    for path in (month, own):
        assert "应于 2026-03-05 前报送， 逾期 8 天" in browser.get(path).words
    desk.services.signed_by = "demo-fenliu"
    assert "应于" not in browser.get(own).words, "what is signed is not late any more"
    desk.services.due_on, desk.services.signed_by = None, None
    for path in (month, own):
        assert "应于" not in browser.get(path).words, "before the site began none was due"


def test_a_signed_return_tells_who_signed_it(desk: Desk) -> None:
    path, browser = "/office/returns/330282-xfj?month=2026-02-01", desk.browser("zhen")
    assert "2026-03-02 09:00 编制" in browser.get(path).words
    desk.services.signed_by = "demo-fenliu"
    assert "2026-03-04 09:00 分流岗（fenliu） 签发，已锁定" in browser.get(path).words
    desk.services.signed_by = "somebody-of-the-command-line"
    assert "2026-03-04 09:00 签发，已锁定" in browser.get(path).words


def test_an_abolished_offices_successor_reports_for_it(desk: Desk) -> None:
    month, path = "/office/returns?month=2026-02-01", "/office/returns/330282-xfj?month=2026-02-01"
    said, heir = "代已撤销的信访局报送", desk.browser("bumen")
    assert said not in heir.get(month).words and "重新编制" not in heir.get(path).words
    desk.services.ended = {
        "330282-xfj": {"valid_to": "2026-03-01T00:00:00Z", "successors": ["330282-gone"]},
        "330282-rsj": {"successors": []},
    }
    desk.app.lists.forget()
    assert said not in heir.get(month).words, "it is somebody else's"
    desk.services.ended["330282-xfj"]["successors"] = ["330282-rsj"]
    desk.app.lists.forget()
    page = heir.get(month)
    assert said in page.words and 'class="button" href="/office/returns/330282-xfj' in page.text
    page = heir.get(path)
    assert "由承继单位代为编制" in page.words and "按现有数据重新编制" in page.words
    assert said not in desk.browser("zhen").get(month).words


def test_a_corrected_line_tells_what_is_counted_and_takes_it_again(desk: Desk) -> None:
    """Who corrected a line for what was missing sees that it is there by now."""
    path, browser = "/office/returns/330282-xfj?month=2026-02-01", desk.browser("fenliu")
    assert "（统计数" not in browser.get(path).words, "nothing was corrected"
    desk.services.counted = None
    assert "（统计数" not in browser.get(path).words, "by hand, where nothing is counted"
    desk.services.counted = 5
    assert "来信（件次） 3 （统计数 5）" in browser.get(path).words
    assert "恢复统计数" not in desk.browser("zhen").get(path).words, "its own office's to do"
    page = browser.get(path)
    assert 'name="value" value="5"' in page.text
    sent = {"step": "correction", "item": "letter", "value": "5", "again": "letter"}
    page = browser.post("/office/returns/330282-xfj", month="2026-02-01", reason="", **sent)
    assert desk.services.asked == {"month": "2026-02-01", "item": "letter", "value": 5, "reason": ""}  # fmt: skip
    assert 'id="letter-reason-wrong"' in page.text
    assert 'id="correction-reason-wrong"' not in page.text, "the form that was refused tells it"


def test_a_line_of_a_return_leads_to_its_cases(desk: Desk) -> None:
    page = desk.browser("ducha").get("/office/returns/330282-xfj?month=2026-02-01")
    assert '<a href="/office/statistics/cases?what=registered">3</a>' in page.text
