"""考核 on its pages: three offices of one group through self-assessment, mutual check, ranking, an appeal that is
upheld, and publication. The site's clock is moved on, as the days of it would."""

from __future__ import annotations

import html
import io
import re

from openpyxl import load_workbook

from console import accounts, passwords
from console.app import build
from kit.config import Settings
from stats.assessments import schemes
from stats.assessments.schemes import standard
from tests.journey.office import LABOUR, TOWN, Office, day, move_to, site_in_march
from tests.servers import Servers
from tests.site import Site
from tests.unit.console.browser import Browser, Page

THIRD, NAMES = (
    "330282107-xfb",
    {TOWN: "周巷镇信访办", LABOUR: "人力资源和社会保障局", "330282107-xfb": "观海卫镇信访办"},
)
JUDGED = [criterion.id for criterion in standard().judged]
URL = "/office/assessments"
AT = {TOWN: "zhen", LABOUR: "bumen", THIRD: "sanzhen"}


def scheme() -> bytes:
    """Our own with figures told from one matter on, and three days of appeal."""
    text = schemes.file(standard(), "csv").decode("utf-8-sig")
    text = text.replace("申诉天数,5", "申诉天数,3").replace("编号,standard", "编号,march")
    return re.sub(r"(?m),5,(F|条例)", r",1,\1", text).encode()


def joins(site: Site, login: str, office: str) -> None:
    """An officer of a third office: the demonstration has two that handle matters."""
    app = build(Settings.from_env("console", site.env))
    site.accounts[login] = passwords.make()
    password = passwords.encode(site.accounts[login])
    with app.database.unit(app.model) as unit:
        unit.open([login])
        roles = ["clerk", "head"]
        accounts.create(
            unit,
            accounts.Account(
                login, login, "信访经办岗", None, office, roles, password, True, unit.now
            ),
        )
    app.database.engine.dispose()


def comes(people: Office) -> None:
    for login in ("fenliu", "zhen", "bumen", "sanzhen"):
        people.at[login] = browser = people.visitor()
        browser.get("/login")
        assert browser.post("/login", login=login, password=people.site.accounts[login]).status == 200  # fmt: skip


def send(visitor: Browser, here: str, key: str, **fields: str) -> Page:
    """A form of a page that may have several, each with a key of its own."""
    visitor.get(here)
    return visitor.post(here, **{"key": f"{here}-{key}", **fields})


def judged(points: str, **own: str) -> dict[str, str]:
    """The fields of every judged criterion."""
    said = {f"points.{id}": own.get(id, points) for id in JUDGED}
    return said | {f"text.{id}": f"{id}台账齐全" for id in JUDGED}


def test_three_offices_are_assessed(servers: Servers, template_database: str) -> None:
    with site_in_march(servers, template_database) as site:
        site.start_all()
        site.load_demo()
        joins(site, "sanzhen", THIRD)
        people = Office(site)
        for office in (TOWN, LABOUR, THIRD):
            number, _ = people.comes_in()
            people.sends(number, office)
            if office == TOWN:
                people.does("zhen", number, "sign")
                people.does("zhen", number, "accept")
        move_to(site, 31)
        comes(people)
        here = opens(people.at["fenliu"])
        checks = assess_themselves(people, here)
        check_one_another(people, here, checks)
        rank(people, here)
        appeal(people, here)
        move_to(site, 36)
        comes(people)
        publish(people, here)
        report = site.audit()
        assert report.clean, report


def opens(desk: Browser) -> str:
    """A scheme from a file; one that scores visits is refused; then the assessment of March."""
    desk.get(f"{URL}/schemes")
    bad = scheme().decode().replace("answered_on_time", "来访批次").encode()
    page = desk.post(f"{URL}/schemes", files=[("考核办法.csv", bad)])
    assert page.status == 422 and "第12行" in page.words and "来访批次" in page.words
    page = desk.post(f"{URL}/schemes", files=[("考核办法.csv", scheme())])
    assert "考核办法已导入" in page.words and "不足 1 件不评" in page.words
    assert desk.fetch(f"{URL}/schemes/march/file?format=xlsx").body[:2] == b"PK"
    page = send(desk, URL, "x", scheme="march", kind="month", on=day(), self_due=day(2), peer_due=day(4))  # fmt: skip
    assert page.status == 422 and "考核期尚未结束" in page.words
    page = send(desk, URL, "open", scheme="march", kind="month", on="2026-03-02", self_due=day(2), peer_due=day(4))  # fmt: skip
    assert page.status == 200 and "考核已开始" in page.words, page.words
    assert "不足20件 3 个单位" in page.words and "不评分的单位" in page.words
    found = re.search(r"330282KH\d+", page.text)
    assert found
    return f"{URL}/{found.group()}"


def assess_themselves(people: Office, here: str) -> dict[str, str]:
    """自评. Gives who checks whom."""
    town = people.at["zhen"]
    page = town.get(f"{here}/{TOWN}")
    assert "受理期限内决定是否受理" in page.words and "按数据计分" in page.words
    (link,) = re.findall(
        r'"(/office/statistics/cases\?what=timely_body&amp;part=denominator[^"]*)"', page.text
    )
    assert town.get(html.unescape(link)).text.count("330282202603") > 0
    page = send(town, f"{here}/{TOWN}", "a", step="self", **judged(""))
    assert page.status == 422 and "此项不能为空" in page.words, "blank is not nought"
    disputed = {"dispute.accepted": "登记日期有误"}
    page = send(town, f"{here}/{TOWN}", "b", step="self", **judged("9"), **disputed)
    assert "自评已提交" in page.words and "登记日期有误" in page.words
    assert "综合总结" not in town.get(here).words
    for office in (LABOUR, THIRD):
        page = send(people.at[AT[office]], f"{here}/{office}", "b", step="self", **judged("8"))
        assert "自评已提交" in page.words, page.words
    page = send(people.at["bumen"], f"{here}/{TOWN}", "c", step="self", **judged("1"))
    assert page.status == 422 and "此步由其他单位办理" in page.words
    desk = people.at["fenliu"]
    page = send(desk, here, "peer", state="peer")
    assert "已进入下一阶段" in page.words
    rows = re.findall(rf"{here}/([\w-]+)\">[^<]+</a></td>.*?<td>([^<]+)<br>", page.text, re.S)
    names = {name: office for office, name in NAMES.items()}
    return {office: names[checker] for office, checker in rows}


def check_one_another(people: Office, here: str, checks: dict[str, str]) -> None:
    """互查: everybody checks another, and sees what it claims for itself."""
    assert set(checks) == set(checks.values()) == set(NAMES)
    for office, checker in checks.items():
        assert office != checker and checks[checker] != office
        visitor = people.at[AT[checker]]
        page = visitor.get(f"{here}/{office}")
        assert "basics台账齐全" in page.words and "提交互查" in page.words
        points = judged("8", basics="4") if office == TOWN else judged("7")
        page = send(visitor, f"{here}/{office}", "p", step="peer", **points)
        assert "互查已提交" in page.words, page.words
    own = people.at["zhen"].get(f"{here}/{TOWN}")
    assert "4 分" not in own.words, "what the checker gave is shown with the ranking"


def rank(people: Office, here: str) -> None:
    """定分 where the two differ and where a figure is disputed; then everybody sees the ranking."""
    desk = people.at["fenliu"]
    assert "已进入下一阶段" in send(desk, here, "ranking", state="ranking").words
    page = desk.get(f"{here}/{TOWN}")
    assert page.words.count("定分：") == 2, page.words
    fields = {"criterion": "basics", "points.basics": "6", "text.basics": "实地核查，档案不全。"}
    page = send(desk, f"{here}/{TOWN}", "f", step="final", **(fields | {"points.basics": "11"}))
    assert page.status == 422 and "须在0至10分之间" in page.words
    page = send(desk, f"{here}/{TOWN}", "g", step="final", **fields)
    assert "已定分" in page.words and "实地核查" in page.words
    page = send(desk, here, "early", state="appeals")
    name = standard().criterion("accepted").name
    assert page.status == 422 and f"周巷镇信访办「{name}」" in page.words, page.words
    assert f"周巷镇信访办 （{name}）" in page.words, "the page tells what is left"
    fields = {"criterion": "accepted", "text.accepted": "登记日期无误。", "points.accepted": ""}
    page = send(desk, f"{here}/{TOWN}", "h", step="final", **fields)
    assert "数据属实： 登记日期无误" in page.words, page.words
    page = send(desk, here, "appeals", state="appeals")
    assert "已排序，可申诉" in page.words and "综合总结" in page.words
    assert "第1名周巷镇信访办" in page.words


def appeal(people: Office, here: str) -> None:
    """One appeal, upheld: the ranking follows."""
    labour, desk = people.at["bumen"], people.at["fenliu"]
    page = labour.get(here)
    assert "第1名周巷镇信访办" in page.words
    before = total(labour, here)
    fields = {"criterion": "basics", "text.basics": "已按标准建档，请复核。"}
    page = send(labour, f"{here}/{LABOUR}", "a", step="appeal", **fields)
    assert "申诉已提交" in page.words
    assert "申诉待处理： 人力资源和社会保障局" in desk.get(here).words
    fields = {"criterion": "basics", "text.basics": "核查属实。", "upheld.basics": "yes"}
    page = send(desk, f"{here}/{LABOUR}", "v", step="verdict", **fields)
    assert page.status == 422 and "申诉成立的须写新的分数" in page.words
    page = send(desk, f"{here}/{LABOUR}", "w", step="verdict", **fields, **{"points.basics": "10"})
    assert "申诉已处理" in page.words
    assert total(labour, here) > before
    page = send(desk, here, "early", state="closed")
    assert page.status == 422 and "申诉期到" in page.words


def total(visitor: Browser, here: str) -> float:
    found = re.search(r"总分 ([\d.]+) ，第 \d 名", visitor.get(f"{here}/{LABOUR}").words)
    assert found
    return float(found.group(1))


def publish(people: Office, here: str) -> None:
    """公布: the summary for everybody, the table as a workbook whose numbers are numbers."""
    desk = people.at["fenliu"]
    page = send(desk, here, "closed", state="closed", text="各单位应当及时就地解决问题。")
    assert "已公布" in page.words and "各单位应当及时就地解决问题" in page.words
    assert "申诉1项,成立1项" in page.words and "下一步" not in page.words
    file = people.at["sanzhen"].fetch(f"{here}/file")
    lines = list(load_workbook(io.BytesIO(file.body)).active.iter_rows(values_only=True))
    assert {line[2] for line in lines[1:]} == set(NAMES.values())
    assert all(isinstance(line[-1], (int, float)) for line in lines[1:])
    page = send(people.at["bumen"], f"{here}/{LABOUR}", "z", step="appeal", criterion="survey", **{"text.survey": "x"})  # fmt: skip
    assert page.status == 422
