"""`petition import` against a running site: whole rows, refused rows, the second run, a service away."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.servers import Servers
from tests.site import Site, fresh_site
from tool.importing.template import INVENTED

SERVICES = ("intake", "routing", "supervision", "stats")
HEADINGS = {
    "source_ref": "信访编号",
    "received": "信访日期",
    "channel": "信访形式",
    "type": "信访目的",
    "division": "问题属地",
    "name": "姓名",
    "phone": "手机",
    "text": "投诉内容",
    "office": "承办单位",
    "assigned": "交办时间",
    "signed": "签收时间",
    "accepted": "受理时间",
    "answered": "答复时间",
    "outcome": "处理结果",
    "opinion": "答复意见",
    "served": "送达日期",
    "service_method": "送达方式",
    "closed": "办结时间",
}
SECRET = "13800000000"


@pytest.fixture(scope="module")
def site(servers: Servers, template_database: str) -> Iterator[Site]:
    with fresh_site(servers, template_database) as site:
        site.start_all(SERVICES)
        site.load_demo()
        yield site


class Register:
    """A register that a test fills; `run` imports it."""

    def __init__(self, site: Site, folder: Path, prefix: str) -> None:
        self.site, self.folder, self.prefix = site, folder, prefix
        self.rows: list[dict[str, Any]] = []

    def add(self, count: int = 1, **changes: Any) -> None:
        for _ in range(count):
            own = f"{self.prefix}-{len(self.rows) + 1}"
            self.rows.append({**INVENTED, "source_ref": own, **changes})

    def run(self, *options: str) -> CompletedProcess[str]:
        with (self.folder / "register.csv").open("w", encoding="gb18030", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*HEADINGS.values(), "民族"])
            writer.writerows([[row[f] for f in HEADINGS] + ["汉"] for row in self.rows])
        report = str(self.folder / "report.csv")
        done = self.site.petition(
            "import", str(self.folder / "register.csv"), "--report", report, *options
        )
        assert self.site.audit().clean, "what was sent has arrived in every service"
        return done

    def report(self) -> list[dict[str, str]]:
        with (self.folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def number(self, row: int) -> str:
        return self.report()[row]["信访件编号"]

    def case(self, row: int) -> dict[str, Any]:
        found: dict[str, Any] = self.site.get("supervision", f"/cases/{self.number(row)}").json()
        return found


@pytest.fixture
def register(site: Site, tmp_path: Path, request: pytest.FixtureRequest) -> Register:
    return Register(site, tmp_path, request.node.name)


def registered(site: Site) -> int:
    rows = site.get("supervision", "/cases?limit=1").json()
    return int(rows["total"])


def test_whole_rows_come_in_with_their_own_dates(register: Register) -> None:
    register.add(5)
    done = register.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "列「民族」不导入" in done.stdout
    assert "已导入 5 件" in done.stdout
    case = register.case(0)
    assert case["petition"]["status"] == "closed"
    assert case["petition"]["office"] == "330282002-xfb"
    assert case["petition"]["division"] == "330282002000"
    assert case["petition"]["received_on"] == "2024-03-04"
    assert case["steps"]["accepted_at"].startswith("2024-03-10T16:00")
    assert case["petition"]["number"].startswith("33028220240304")


def test_a_second_run_takes_nothing_twice(site: Site, register: Register) -> None:
    register.add(3)
    register.run()
    before, numbers = registered(site), [register.number(n) for n in range(3)]
    done = register.run()
    assert done.returncode == 0
    assert [register.number(n) for n in range(3)] == numbers
    assert registered(site) == before


def test_a_changed_row_is_told_and_not_overwritten(register: Register) -> None:
    register.add(2)
    register.run()
    register.rows[1]["text"] = "后来改写的内容"
    done = register.run()
    assert done.returncode == 1
    assert register.report()[1]["原因"] == "首次导入后内容有改动,未覆盖。"
    assert register.report()[0]["结果"] == "已导入"


def test_a_register_that_went_on_is_continued(register: Register) -> None:
    later = ("accepted", "answered", "outcome", "opinion", "served", "service_method", "closed")
    register.add(1, **dict.fromkeys(later, ""))
    assert register.run().returncode == 0
    assert register.case(0)["petition"]["status"] == "signed"
    register.rows[0] |= {name: INVENTED[name] for name in later}
    assert register.run().returncode == 0
    assert register.case(0)["petition"]["status"] == "closed"


def test_refused_rows_are_told_and_the_others_come_in(register: Register) -> None:
    register.add()
    register.add(phone="电话" + SECRET)
    register.add(office="没有这个单位")
    register.add(source_ref=register.rows[0]["source_ref"])
    done = register.run()
    assert done.returncode == 1
    assert [line["结果"] for line in register.report()] == ["已导入", "未导入", "未导入", "未导入"]
    assert [line["列"] for line in register.report()[1:]] == ["电话", "承办单位", "编号"]
    assert [line["行号"] for line in register.report()] == ["2", "3", "4", "5"]
    assert "第 2 行重复" in register.report()[3]["原因"]
    written = (register.folder / "report.csv").read_text(encoding="utf-8-sig")
    assert SECRET not in done.stdout + done.stderr + written


def test_a_dry_run_sends_nothing(site: Site, register: Register) -> None:
    before = registered(site)
    register.add(2)
    done = register.run("--dry-run")
    assert done.returncode == 0
    assert "可以导入 2 件" in done.stdout
    assert registered(site) == before


def test_another_register_of_the_same_office_may_use_the_same_numbers(
    site: Site, register: Register
) -> None:
    register.add(1)
    register.run()
    first, before = register.number(0), registered(site)
    register.run("--register", "2024年")
    assert register.number(0) != first
    assert registered(site) == before + 1


def test_an_office_brings_in_its_own_register(register: Register) -> None:
    register.add(1)
    register.run("--office", "宗汉街道信访办")
    assert register.case(0)["petition"]["registered_by"] == "330282002-xfb"


def test_what_somebody_did_meanwhile_is_a_conflict_and_told(site: Site, register: Register) -> None:
    later = ("signed", "accepted", "answered", "outcome", "opinion", "served", "service_method")
    register.add(1, closed="", **dict.fromkeys(later, ""))
    register.run()
    number = register.number(0)
    site.post("routing", f"/petitions/{number}/signature", {}, seen="routing:2")
    register.rows[0] |= {"signed": "2024-03-07"}
    done = register.run()
    assert done.returncode == 1
    (line,) = register.report()
    assert (line["结果"], line["步骤"], line["信访件编号"]) == ("未完成", "签收", number)


def test_an_unreadable_file_is_status_2_and_one_line(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("信访日期,姓名,投诉内容\n", encoding="utf-8")
    done = site.petition("import", str(tmp_path / "a.csv"))
    assert done.returncode == 2
    assert done.stderr.strip() == "缺少列:信访形式、信访目的"


def test_a_service_that_comes_back_is_waited_for(site: Site, register: Register) -> None:
    """Supervision is killed in mid-run: nothing is lost, no row is doubled."""
    register.add(60)
    before = registered(site)

    def interrupt() -> None:
        time.sleep(2.5)
        site.kill("supervision")
        time.sleep(1)
        site.start("supervision")

    thread = threading.Thread(target=interrupt)
    thread.start()
    done = register.run()
    thread.join()
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert registered(site) == before + 60


def test_the_template_can_be_filled_in(site: Site, tmp_path: Path) -> None:
    path = str(tmp_path / "t.xlsx")
    assert site.petition("import", "--template", path).returncode == 0
    done = site.petition("import", path)
    assert done.returncode == 0
    assert "已导入 0 件" in done.stdout


def test_verify_audit_runs_for_every_service(site: Site) -> None:
    done = site.petition("verify-audit")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["whole,"] * 5
