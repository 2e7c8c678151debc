"""Cases of the procedure through the real services, each step on the page where a clerk takes it."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest

from kit import clock
from tests.journey.test_console_journey import browser, eventually, register
from tests.site import Site
from tests.unit.console.browser import Browser, Page

BUREAU, TOWN, LABOUR = "330282-xfj", "330282121-xfb", "330282-rsj"
OPINION = {"outcome": "explained", "opinion": "经调查核实，说明如下。"}
OBJECTION = {"reason": "outside_remit", "text": "不属于本单位职责。"}


class Office:
    """The people of the county at their pages."""

    def __init__(self, site: Site) -> None:
        logins = ("dengji", "fenliu", "ducha", "zhen", "bumen", "juzhang")
        self.site = site
        self.at: dict[str, Browser] = {login: browser(site, login) for login in logins}

    def comes_in(self, **fields: str) -> tuple[str, str]:
        """A petition at the counter: number and query code."""
        return register(self.at["dengji"], **fields)

    def sends(self, number: str, office: str, method: str = "transfer") -> Page:
        """分流, as soon as the petition has come to the desk."""
        self.offered("fenliu", number, "assign")
        return self._post("fenliu", number, "assign", office=office, method=method, was_division="")

    def does(self, login: str, number: str, step: str, **fields: str) -> Page:
        """One step on the case page, as soon as it is offered there."""
        self.offered(login, number, f"do/{step}")
        return self._post(login, number, f"do/{step}", **fields)

    def offered(self, login: str, number: str, step: str, seconds: float = 15) -> Page:
        """The page once it has the form of a step."""
        until = time.monotonic() + seconds
        while True:
            page = self.at[login].get(f"/office/petitions/{number}")
            if f'action="/office/petitions/{number}/{step}"' in page.text:
                return page
            assert time.monotonic() < until, (step, page.words)
            time.sleep(0.1)

    def stands(self, number: str, word: str, login: str = "ducha") -> Page:
        """The page once it shows a status or a step."""
        return eventually(self.at[login], f"/office/petitions/{number}", word)

    def forms(self, login: str, number: str) -> set[str]:
        """The steps that a page offers."""
        page = self.at[login].get(f"/office/petitions/{number}")
        return set(re.findall(rf'action="/office/petitions/{number}/(?:do/)?(\w+)"', page.text))

    def _post(self, login: str, number: str, step: str, **fields: str) -> Page:
        page = self.at[login].post(f"/office/petitions/{number}/{step}", **fields)
        assert page.status == 200, page.words
        return page


@pytest.fixture(scope="module")
def people(site: Site) -> Office:
    return Office(site)


def today() -> str:
    return str(clock.local_date(clock.now()))


def served(**more: str) -> dict[str, str]:
    return {"method": "in_person", "receipt": "signed", "served_on": today()} | more


def to_acceptance(people: Office, **fields: str) -> tuple[str, str]:
    """Registered, sent to the department, signed, accepted."""
    number, code = people.comes_in(**fields)
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6")
    return number, code


def to_service(people: Office, **fields: str) -> tuple[str, str]:
    number, code = to_acceptance(people, **fields)
    people.does("bumen", number, "answer", **OPINION)
    people.does("bumen", number, "serve", **served())
    return number, code


def petitioner(people: Office, number: str, code: str) -> Browser:
    visitor = browser(people.site)
    visitor.get("/lookup")
    assert visitor.post("/lookup", number=number, code=code).status == 200
    return visitor


def test_a_plain_letter(people: Office) -> None:
    number, code = to_service(people, channel="letter", head_count="1")
    people.does("bumen", number, "close")
    assert "按期" in people.stands(number, "已办结").words
    assert "请求复查" in petitioner(people, number, code).get("/mine").words


def test_a_visit_of_seven_with_five_representatives(people: Office) -> None:
    five = {f"people__{i}__name": f"代表{'甲乙丙丁戊己'[i]}" for i in range(6)}
    five |= {f"people__{i}__role": "representative" for i in range(6)}
    counter = people.at["dengji"]
    counter.get("/office/register")
    form = {"channel": "visit", "received_on": today(), "type": "request", "text": "集体反映。"}
    page = counter.post("/office/register", head_count="7", **form, **five)
    assert page.status == 422 and "不得超过五人" in page.words, "six are one too many"
    five = {k: v for k, v in five.items() if "__5__" not in k}
    number, _ = people.comes_in(head_count="7", **five)
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    page = people.offered("bumen", number, "do/accept")
    page = people.at["bumen"].post(
        f"/office/petitions/{number}/do/accept", claims__1="31-6", procedure="simple"
    )
    assert page.status == 422 and "集体信访事项不适用简易办理" in page.words


def test_an_anonymous_accusation_is_sealed_from_the_accused(people: Office) -> None:
    number, _ = people.comes_in(
        type="accusation", anonymous="yes", accused=LABOUR, people__0__name="",
        people__0__phone="", head_count="1", text="反映该局负责人违规。",
    )  # fmt: skip
    people.offered("fenliu", number, "assign")
    page = people.at["fenliu"].post(
        f"/office/petitions/{number}/assign", office=LABOUR, method="transfer", was_division=""
    )
    assert page.status == 422 and "不得将检举控告材料转给" in page.words
    people.sends(number, TOWN)
    people.does("zhen", number, "sign")
    for login in ("bumen", "juzhang"):
        assert people.at[login].get(f"/office/petitions/{number}").status == 404
        assert number not in people.at[login].get("/office/cases").words
    people.does("zhen", number, "accept", claims__1="30")
    assert "答复" in people.stands(number, "已受理").words


def test_litigation_is_led_elsewhere_and_the_petitioner_told(people: Office) -> None:
    number, code = people.comes_in()
    people.offered("fenliu", number, "do/decline")
    page = people.at["fenliu"].post(f"/office/petitions/{number}/do/decline", reason="litigation")
    assert page.status == 422 and "须写明应当向哪个机关" in page.words
    court = "慈溪市人民法院"
    people.does("fenliu", number, "decline", reason="litigation", elsewhere=court)
    page = people.stands(number, "应当向其提出：慈溪市人民法院")
    assert "信访工作条例第二十八条" in page.words
    people.does("fenliu", number, "notify", **served())
    assert "已告知不予受理或者其他途径" in people.stands(number, "终结").words
    assert "涉法涉诉" in petitioner(people, number, code).get("/mine").words


def test_two_claims_on_two_branches(people: Office) -> None:
    number, _ = people.comes_in(
        claims__0__text="补发工资", claims__1__text="工伤待遇", claims__1__branch="31-2"
    )
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    page = people.offered("bumen", number, "do/accept")
    assert "补发工资" in page.words and "工伤待遇" in page.words
    people.does("bumen", number, "accept", claims__1="31-6", claims__2="31-2")
    people.offered("bumen", number, "do/answer")
    page = people.at["bumen"].post(
        f"/office/petitions/{number}/do/answer", outcomes__1="supported", **OPINION
    )
    assert page.status == 422 and "每项诉求" in page.words
    people.does(
        "bumen", number, "answer", outcomes__1="supported", outcomes__2="explained", **OPINION
    )
    people.stands(number, "已答复")


def test_an_objection_agreed_goes_to_another_office(people: Office) -> None:
    number, _ = people.comes_in()
    people.sends(number, LABOUR)
    people.does("bumen", number, "object", **OBJECTION)
    people.does("fenliu", number, "arbitrate", agreed="yes", text="同意。")
    people.stands(number, "退回")
    people.sends(number, TOWN)
    people.does("zhen", number, "sign")
    people.does("zhen", number, "accept", claims__1="31-6")


def test_an_objection_upheld_stays(people: Office) -> None:
    number, _ = people.comes_in()
    people.sends(number, LABOUR)
    people.does("bumen", number, "object", **OBJECTION)
    people.does("fenliu", number, "arbitrate", agreed="no", text="属于你单位职责。")
    people.does("bumen", number, "sign")
    assert "object" not in people.forms("bumen", number)
    people.does("bumen", number, "accept", claims__1="31-6")


def test_two_bounces_are_lifted_to_the_common_superior(people: Office) -> None:
    number, _ = people.comes_in()
    for login, office in (("bumen", LABOUR), ("zhen", TOWN)):
        people.sends(number, office)
        people.does(login, number, "object", **OBJECTION)
        people.does("fenliu", number, "arbitrate", agreed="yes", text="同意。")
    people.stands(number, "由共同的上级机关指定")
    people.does("fenliu", number, "designate", office=LABOUR, method="transfer", text="职责所在。")
    people.offered("bumen", number, "do/sign")
    assert "object" not in people.forms("bumen", number), "a designated body does not object"
    people.does("bumen", number, "sign")


def test_a_lead_with_two_assisting_offices_gives_one_answer(people: Office) -> None:
    number, _ = people.comes_in()
    day = str(clock.local_date(clock.now()) + timedelta(days=20))
    people.offered("fenliu", number, "assign")
    helpers = {
        "assisting__0__office": TOWN, "assisting__0__due_on": day,
        "assisting__1__office": BUREAU, "assisting__1__due_on": day,
    }  # fmt: skip
    people._post(
        "fenliu", number, "assign", office=LABOUR, method="transfer", was_division="", **helpers
    )
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6")
    people.stands(number, "已受理", "bumen")
    assert "answer" not in people.forms("bumen", number), "it waits for those that assist"
    page = people.at["bumen"].post(f"/office/petitions/{number}/do/answer", **OPINION)
    assert page.status == 422 and "协办单位的意见尚未提交" in page.words
    assert "内容" in people.offered("zhen", number, "do/assist").words.split("办理过程")[0], (
        "it reads what is asked"
    )
    people.does("zhen", number, "assist", text="本镇已核实。")
    people.does("dengji", number, "assist", text="信访局已核对。")
    page = people.stands(number, "信访局已核对。", "bumen")
    assert "本镇已核实。" in page.words
    people.does("bumen", number, "answer", **OPINION)


def test_an_extension_refused_then_approved_by_the_head(people: Office) -> None:
    number, _ = to_acceptance(people)
    people.does("bumen", number, "ask_extension", days="30", reason="情况复杂。")
    assert "decide_extension" not in people.forms("bumen", number), "a clerk does not decide"
    people.does("juzhang", number, "decide_extension", approved="no")
    people.stands(number, "延期未批准")
    people.does("bumen", number, "ask_extension", days="30", reason="仍需核实。")
    people.does("juzhang", number, "decide_extension", approved="yes")
    people.stands(number, "批准延期")
    assert "ask_extension" not in people.forms("bumen", number), "once only"
    page = people.at["bumen"].get(f"/office/petitions/{number}/duties")
    assert "起90日" in page.words and "第三十四条" in page.words


def test_the_simple_procedure(people: Office) -> None:
    number, _ = people.comes_in(head_count="1")
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6", procedure="simple")
    page = people.at["bumen"].get(f"/office/petitions/{number}/duties")
    assert "10个工作日" in page.words


def test_mediation_ends_with_the_agreement(people: Office) -> None:
    number, _ = to_acceptance(people)
    people.does(
        "bumen", number, "mediate", kind="mediation", held_on=today(), parties="双方在场。",
        agreed="yes", text="双方达成调解协议。",
    )  # fmt: skip
    people.does("bumen", number, "serve", **served())
    people.does("bumen", number, "close")
    people.stands(number, "达成调解、和解协议")


def test_review_and_rereview_to_the_end(people: Office) -> None:
    """Sought in time by the petitioner on their own page, with a hearing in the re-review."""
    number, code = to_service(people)
    mine = petitioner(people, number, code)
    eventually(mine, "/mine", "请求复查")
    page = mine.post("/mine/review", grounds="认为认定事实有误。")
    assert page.status == 200, page.words
    people.does("dengji", number, "decide_review", outcome="upheld", opinion="维持原处理意见。")
    assert "维持原处理意见" not in mine.get("/mine").words, "not before it is served"
    people.does("dengji", number, "serve_review", **served())
    eventually(mine, "/mine", "维持原处理意见")
    eventually(mine, "/mine", "请求复核")
    assert mine.post("/mine/review", grounds="仍然不服。").status == 200
    people.does("dengji", number, "open_hearing")
    people.stands(number, "听证开始")
    assert "decide_review" not in people.forms("dengji", number)
    people.does("dengji", number, "close_hearing")
    people.does("dengji", number, "decide_review", outcome="upheld", opinion="维持复查意见。")
    people.does("dengji", number, "serve_review", **served())
    people.stands(number, "复核终结")
    eventually(mine, "/mine", "已经办理终结")


def test_a_revoked_opinion_is_redone(people: Office) -> None:
    number, _ = to_service(people)
    people.does("dengji", number, "seek_review", grounds="书面请求。", requested_on=today())
    people.does("dengji", number, "decide_review", outcome="revoked", opinion="撤销，重新办理。")
    people.does("dengji", number, "serve_review", **served())
    people.does("bumen", number, "answer", outcome="supported", opinion="重新核实，予以支持。")
    people.does("bumen", number, "serve", **served())
    page = people.stands(number, "第 2 次")
    assert "重新核实" in page.words and "经调查核实" in page.words, "both opinions stand"


def test_a_repeat_is_linked_by_a_person_and_contested_by_the_petitioner(people: Office) -> None:
    who = {"people__0__name": "赵重复", "people__0__phone": "13900007777"}
    first, _ = people.comes_in(channel="letter", **who)
    again, code = people.comes_in(channel="call", **who)
    people.offered("dengji", again, "do/link")
    page = people.at["dengji"].get(f"/office/petitions/{again}/repeats")
    assert first in page.words and "100%" in page.words, "suggested across channels"
    people.offered("dengji", again, "do/link")
    page = people.at["dengji"].post(f"/office/petitions/{again}/do/link", repeat_of=again)
    assert page.status == 422 and "登记在前" in page.words
    people.does("dengji", again, "link", repeat_of=first)
    assert "重复件" in people.stands(again, "登记为重复件").words
    people.sends(again, LABOUR)
    people.does("bumen", again, "sign")
    people.offered("bumen", again, "do/accept")
    page = people.at["bumen"].post(
        f"/office/petitions/{again}/do/accept", claims__1="31-6", procedure="simple"
    )
    assert page.status == 422 and "重复信访事项" in page.words
    mine = petitioner(people, again, code)
    eventually(mine, "/mine", "不是同一事项")
    assert mine.post("/mine/contest").status == 200
    people.stands(again, "信访人有异议")
    people.does("dengji", again, "unlink")
    people.does("dengji", again, "resolve")
    assert "信访人有异议" not in people.stands(again, "撤销重复件登记").words


def test_an_urgent_letter_with_its_postmark_and_what_was_added(people: Office) -> None:
    counter = people.at["dengji"]
    counter.get("/office/register")
    form = {"type": "request", "received_on": today(), "text": "厂房有坍塌危险。", "urgent": "yes"}
    who = {"people__0__name": "孙紧急"}
    page = counter.post("/office/register", channel="visit", postmarked_on=today(), **form, **who)
    assert page.status == 422 and "只有来信才登记邮戳" in page.words
    letter = {"postmarked_on": today(), "barcode": "XA12345678933"}
    number, code = people.comes_in(channel="letter", **form, **who, **letter)
    people.does("dengji", number, "report_urgent")
    page = people.stands(number, "已报告重大、紧急信访事项")
    assert "XA12345678933" in page.words and "重大、紧急" in page.words
    mine = petitioner(people, number, code)
    assert mine.post("/mine/supplement", text="裂缝又扩大了。").status == 200
    people.does("dengji", number, "supplement", text="信访人来电补充。")
    page = people.stands(number, "信访人来电补充。")
    assert "裂缝又扩大了。" in page.words
    eventually(mine, "/mine", "裂缝又扩大了。")


def test_who_petitioned_in_confidence_is_known_to_the_registering_office_alone(
    people: Office,
) -> None:
    number, code = people.comes_in(confidential="yes", people__0__name="周保密")
    people.sends(number, LABOUR)
    page = people.offered("bumen", number, "do/sign")
    assert "周**" not in page.words and "只有登记单位可以查看" in page.words
    page = people.at["bumen"].post(f"/office/petitions/{number}/people", reason="电话核实")
    assert page.status == 422 and "周保密" not in page.words
    assert "保密" in people.at["bumen"].get("/office/cases").words
    people.at["dengji"].get(f"/office/petitions/{number}")
    page = people.at["dengji"].post(f"/office/petitions/{number}/people", reason="电话核实")
    assert "周保密" in page.words
    assert petitioner(people, number, code).get("/mine").status == 200


def test_withdrawn_while_under_way(people: Office) -> None:
    number, code = to_acceptance(people)
    mine = petitioner(people, number, code)
    eventually(mine, "/mine", "撤回这一信访事项")
    assert mine.post("/mine/withdrawal", reason="已经解决。").status == 200
    people.stands(number, "已撤回")
    assert people.forms("bumen", number) & {"answer", "serve", "close"} == set()


def test_explain_tells_the_whole_history(people: Office) -> None:
    number, _ = to_acceptance(people)
    people.stands(number, "已受理")
    told = people.site.petition("explain", number)
    assert told.returncode == 0, told.stderr
    for text in (number, "已受理", "登记", "转送", "签收", "第三十四条", "60日"):
        assert text in told.stdout, told.stdout
    nobody = people.site.petition("explain", "330282200001010001")
    assert nobody.returncode == 1 and "没有信访件" in nobody.stderr


def test_afterwards_nothing_is_missing(people: Office) -> None:
    report = people.site.audit()
    assert report.clean, report
