"""An office imports days: open deadlines move in the database, by the job, with one event a case."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kit import clock
from kit.jobs import Queue, Runner, plain_engine
from supervision.jobs import JOBS, RESCHEDULE
from tests.county import BUREAU, County
from tool.calendar import read, shown, write
from tool.csvfile import Unreadable


def file(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(("日期,类型,名称", *lines)) + "\n", "utf-8-sig")
    return path


def test_a_days_file_moves_what_is_owed(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("DATABASE_URL", county.url), ("AMQP_URL", "amqp://nowhere"),
        ("PETITION_STATE", str(county.state)),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    numbers = [county.register() for _ in range(3)]
    county.deliver()
    county.go(numbers[0], "locate", "assign")
    forward = county.get("supervision", f"/cases/{numbers[1]}").json["petition"]["forward_due"]
    last = clock.local_date(datetime.fromisoformat(forward)) - timedelta(days=1)
    app = county.apps["supervision"]
    days = read(
        file(tmp_path / "days.csv", f"{last},休,抗台", f"{last + timedelta(days=1)},休,抗台")
    )
    changed, job = write(app, days, "days.csv")
    assert changed == 2 and job
    assert write(app, days, "days.csv") == (0, None), "a second import changes nothing"
    assert any("抗台" in line for line in shown(app, last.year))

    engine = plain_engine(county.url, "supervision")
    clock.set_shift(timedelta(seconds=20))
    try:
        Runner([Queue("supervision", engine, JOBS)]).turn()
    finally:
        clock.set_shift(timedelta())
        engine.dispose()
    ((state, result),) = county.sql(
        "SELECT state, result FROM supervision.job WHERE kind = :k", k=RESCHEDULE
    )
    assert state == "done" and result["moved"] == 3
    county.deliver()
    for number in numbers:
        shown_ = county.get("supervision", f"/cases/{number}").json
        entries = county.get("intake", f"/petitions/{number}/timeline").json["entries"]
        moved = [e for e in entries if e["type"] == "petition.rescheduled"]
        assert len(moved) == 1, "one event a case"
        if number != numbers[0]:
            assert shown_["petition"]["forward_due"] > forward
            office = county.officer(BUREAU, "clerk")
            why = county.get("supervision", f"/cases/{number}/duties", office)
            app.calendar.forget()  # type: ignore[attr-defined]
            why = county.get("supervision", f"/cases/{number}/duties", office)
            assert why.json["duties"][0]["days"][-1]["zh"].endswith("顺延至此")
    ((reasons,),) = county.sql(
        "SELECT count(*) FROM supervision.audit_log WHERE action = 'calendar-import'"
    )
    assert reasons == 1


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("2027-02-30,休,春节", "日期"),
        ("2027-01-01,假,元旦", "类型"),
        ("2027-01-01,休,", "名称"),
        ("2027-01-01,班,元旦", "不一致"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(file(tmp_path / "days.csv", "2027-01-01,休,元旦", line))
    assert "第3行" in caught.value.faults[0] and fault in caught.value.faults[0]


def test_a_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("day,kind\n", "utf-8")
    with pytest.raises(Unreadable, match="缺少列"):
        read(path)
