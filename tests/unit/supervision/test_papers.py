"""Papers: which can be given when, how they are numbered, what stands on them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docx import Document as Docx

from contracts import codes
from kit import docx as word
from kit import templates
from kit.problems import Problem
from supervision import rendering
from supervision.domain import papers
from supervision.papers import offered
from supervision.printing import Source, Told, fields
from supervision.sample import sample
from supervision.store import Case, Document
from tests.people import OPINION
from tests.unit.procedure.site import LABOUR, NUMBER, ROOT, TOWN, Site
from tests.unit.procedure.test_procedure import (
    accepted,
    answered,
    assigned,
    mediated,
    refused,
    reviewed,
    served,
)

FORMS = Path(papers.__file__).parents[1] / "forms"


def kinds(site: Site) -> set[tuple[str, str]]:
    """What can be given now: kind and office."""
    rows = site.stores["supervision"].rows
    return {(p.kind, p.office) for p in offered(site.case, lambda row: list(rows[row].values()))}


def words(content: bytes) -> str:
    docx = Docx(io.BytesIO(content))
    cells = [c.text for t in docx.tables for row in t.rows for c in row.cells]
    return "\n".join([p.text for p in docx.paragraphs] + cells)


def printed(site: Site, told: Told, paper: Document | None = None) -> str:
    """The words of a paper, by the shipped form."""
    rows = site.stores["supervision"].rows
    paper = paper or site.papers[-1]
    source = Source(
        paper, site.case, lambda row: list(rows[row].values()), told, site.directory,
        site.vaults.supervision,
    )  # fmt: skip
    return words(word.render(rendering.shipped(paper.kind), fields(source)))


# -- which, when, by whom --------------------------------------------------------------------------


def test_the_kinds_are_those_of_the_contracts() -> None:
    assert tuple(papers.KINDS) and set(papers.KINDS) == set(codes.DOCUMENTS)
    assert {path.stem for path in FORMS.glob("*.txt")} == set(papers.KINDS)
    assert len({kind.mark for kind in papers.KINDS.values()}) == len(papers.KINDS)
    for kind in papers.KINDS.values():
        assert kind.article.startswith("第") and kind.to in ("petitioner", "office")


def test_the_sender_gives_the_letter() -> None:
    """Art. 22."""
    assert kinds(assigned()) == {("transfer", ROOT)}
    site = Site()
    site.register()
    site.do("assign", ROOT, office=TOWN, method="assign", report_due=site.today.replace(year=2027))
    assert kinds(site) == {("assignment", ROOT)}


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("accepted_below", "refusal"), ("final_already", "no_longer"), ("litigation", "guidance")],
)
def test_each_refusal_has_its_paper(reason: str, kind: str) -> None:
    """Art. 19, 23, 36; what is led elsewhere is not refused (Art. 28)."""
    site = Site()
    site.register()
    site.do("decline", ROOT, reason=reason, elsewhere="某某法院" if kind == "guidance" else None)
    assert kinds(site) == {(kind, ROOT)}
    site.do("give_paper", ROOT, kind=kind)
    text = printed(site, Told(names=("李某",)))
    assert "李某" in text and "《信访工作条例》第" in text and "登记" in text


def test_acceptance_is_told_once() -> None:
    """Art. 23."""
    site = accepted()
    assert ("acceptance", TOWN) in kinds(site)
    assert refused(site, "give_paper", LABOUR, kind="acceptance") == "petition-unknown"
    assert refused(site, "give_paper", ROOT, kind="acceptance") == "not-the-competent-office"
    assert refused(site, "give_paper", TOWN, kind="opinion") == "paper-not-due"
    found = site.do("give_paper", TOWN, kind="acceptance")
    assert found == {"code": "信受〔2026〕1号", "ordinal": 1}
    assert refused(site, "give_paper", TOWN, kind="acceptance") == "paper-issued"
    assert site.events("document.issued") == ["document.issued"]
    assert [job[:2] for job in site.stores["supervision"].jobs] == [("print-paper", NUMBER)]


def test_a_voided_paper_keeps_its_number() -> None:
    site = accepted()
    site.do("give_paper", TOWN, kind="acceptance")
    assert (
        refused(site, "void_paper", ROOT, ordinal=1, cause="replaced") == "not-the-competent-office"
    )
    assert refused(site, "void_paper", TOWN, ordinal=2, cause="replaced") == "paper-unknown"
    site.do("void_paper", TOWN, ordinal=1, cause="wrong_content")
    assert refused(site, "void_paper", TOWN, ordinal=1, cause="replaced") == "paper-voided"
    assert site.do("give_paper", TOWN, kind="acceptance") == {
        "code": "信受〔2026〕2号",
        "ordinal": 2,
    }
    assert [bool(p.void_at) for p in site.papers] == [True, False]


def test_numbers_begin_anew_each_year() -> None:
    site = accepted()
    site.do("give_paper", TOWN, kind="acceptance")
    site.do("void_paper", TOWN, ordinal=1, cause="replaced")
    site.wait(365)
    assert site.do("give_paper", TOWN, kind="acceptance")["code"] == "信受〔2027〕1号"


def test_an_opinion_has_its_paper_and_its_proof_of_service() -> None:
    """Art. 32; and Art. 33 where an agreement was reached."""
    site = answered()
    assert ("opinion", TOWN) in kinds(site)
    site.do("give_paper", TOWN, kind="opinion")
    assert ("receipt", TOWN) in kinds(site)
    site.do("give_paper", TOWN, kind="receipt")
    assert site.papers[1].about == "1"
    site.do("serve", TOWN, **served(site))
    assert refused(site, "void_paper", TOWN, ordinal=1, cause="replaced") == "paper-served"
    text = printed(site, Told(address="某路1号"), site.papers[1])
    assert "处理意见书（信意〔2026〕1号）" in text and "当面送达" in text and "某路1号" in text


def test_an_agreement_has_its_paper_and_no_opinion() -> None:
    """Art. 33."""
    site = accepted()
    site.do("mediate", TOWN, **mediated(site))
    assert {kind for kind, _ in kinds(site)} >= {"agreement"}
    assert "opinion" not in {kind for kind, _ in kinds(site)}
    site.do("give_paper", TOWN, kind="agreement")
    text = printed(site, Told(names=("李某",)))
    assert "双方到场。" in text and "第三十三条" in text
    site.do("serve", TOWN, **served(site))
    assert refused(site, "void_paper", TOWN, ordinal=1, cause="replaced") == "paper-served"


def test_an_order_has_its_paper() -> None:
    """Art. 40."""
    site = accepted()
    body = {"kind": "supervise", "office": TOWN, "reason": "overdue", "text": "请立即办理。"}
    site.do("issue", ROOT, **body, due_on=None)
    assert ("order", ROOT) in kinds(site)
    site.do("give_paper", ROOT, kind="order")
    text = printed(site, Told())
    assert TOWN in text and "超过期限未办理" in text and "请立即办理。" in text and "月" in text


def test_a_review_has_its_paper() -> None:
    """Art. 35."""
    site = reviewed()
    assert ("review", ROOT) in kinds(site)
    site.do("give_paper", ROOT, kind="review")
    text = printed(site, Told(names=("李某", "王某", "张某")))
    assert "李某等3人" in text and "维持" in text and "不服。" in text and "请求复核" in text


def test_an_extension_tells_its_reason() -> None:
    """Art. 34."""
    site = accepted()
    site.do("ask_extension", TOWN, days=30, reason="需要鉴定。")
    assert ("extension", TOWN) not in kinds(site)
    site.do("decide_extension", TOWN, approved=True)
    site.do("give_paper", TOWN, kind="extension")
    text = printed(site, Told())
    assert "30日" in text and "需要鉴定。" in text and "第三十四条" in text


def test_a_closed_matter_is_reported() -> None:
    """Art. 22(3)."""
    site = answered()
    site.do("serve", TOWN, **served(site))
    assert ("report", TOWN) not in kinds(site)
    site.do("close", TOWN)
    assert ("report", TOWN) in kinds(site)


# -- what stands on it -----------------------------------------------------------------------------


def test_every_form_is_filled_in_from_a_made_up_case() -> None:
    for kind in papers.KINDS:
        text = words(word.render(rendering.shipped(kind), sample(kind)))
        assert papers.KINDS[kind].zh in text and "示例县信访局" in text
        assert "{{" not in text and "{%" not in text


def test_the_made_up_case_has_every_field_and_no_other() -> None:
    site = answered()
    site.do("give_paper", TOWN, kind="opinion")
    rows = site.stores["supervision"].rows
    source = Source(
        site.papers[0], site.case, lambda row: list(rows[row].values()), Told(), site.directory,
        site.vaults.supervision,
    )  # fmt: skip
    assert _shape(fields(source)) == _shape(sample("opinion"))


def _shape(value: Any) -> Any:
    """Names, of a dictionary and of those in it."""
    if not isinstance(value, dict):
        return None
    return {name: _shape(item) for name, item in value.items()}


@pytest.mark.parametrize(
    ("told", "addressee"),
    [
        (Told(), "信访人"),
        (Told(names=("李某",)), "李某"),
        (Told(names=("李某", "王某")), "李某等2人"),
        (Told(names=(), hidden=True), "信访人（保密）"),
    ],
)
def test_who_it_is_for(told: Told, addressee: str) -> None:
    assert told.addressee == addressee


def test_what_a_person_wrote_is_text_and_no_command() -> None:
    """Words of a petition stand in the paper as they are: no markup, no field, no code."""
    site = accepted()
    site.do("give_paper", TOWN, kind="acceptance")
    nasty = "<w:b/>&amp; {{ vault }} {% raw %}"
    assert nasty in printed(site, Told(names=("李某",), claims={1: nasty}))


def form(text: str) -> bytes:
    return rendering.built(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ nobody_knows }}",
        "{{ claims[0].nothing }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ 'a' * 1000000000 }}",
        "{{ range(10) }}",
        "{{ code | pprint }}",
        "{{ code",
        "{%p for claim in claims %}",
    ],
)
def test_a_form_that_asks_for_more_is_refused(text: str) -> None:
    with pytest.raises(templates.Unfit, match="模板"):
        word.render(form(text), sample("opinion"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "DOCX"),
        (b"%PDF-1.7", "DOCX"),
        (b"x" * (templates.LARGEST + 1), "512KB"),
    ],
)
def test_what_is_no_form_is_refused_at_once(content: bytes, why: str) -> None:
    with pytest.raises(Problem) as caught:
        templates.check_file(content, "docx")
    assert caught.value.status == 422 and why in caught.value.detail
    assert [error.field for error in caught.value.errors] == ["content"]


def test_a_form_with_macros_and_a_bomb_are_refused() -> None:
    for name, content, why in (
        ("word/vbaProject.bin", b"x", "宏"),
        ("word/media/image1.png", b"\0" * (templates.UNPACKED + 1), "过大"),
    ):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr(templates.PARTS["docx"], b"<w/>")
            out.writestr(name, content)
        with pytest.raises(Problem) as caught:
            templates.check_file(packed.getvalue(), "docx")
        assert why in caught.value.detail


def test_a_shipped_form_passes_its_own_check() -> None:
    for kind in papers.KINDS:
        templates.check_file(rendering.shipped(kind), "docx")


def test_a_case_without_a_paper_offers_none_of_another_round() -> None:
    """A second handling has an opinion of its own."""
    site = reviewed("revoked")
    site.do("serve_review", ROOT, **served(site))
    assert site.case.round == 2
    about = {p.about for p in offered(site.case, _rows(site)) if p.kind == "opinion"}
    assert about == {"handle:1"}
    site.do("answer", TOWN, **OPINION | {"opinion": "改正。"})
    about = {p.about for p in offered(site.case, _rows(site)) if p.kind == "opinion"}
    assert about == {"handle:1", "handle:2"}


def _rows(site: Site) -> Any:
    rows = site.stores["supervision"].rows
    return lambda row: list(rows[row].values())


def test_rows_of_a_case_are_not_changed_by_printing() -> None:
    site = accepted()
    site.do("give_paper", TOWN, kind="acceptance")
    before = replace(site.case)
    printed(site, Told(names=("李某",)))
    assert site.stores["supervision"].rows[Case][(NUMBER,)] == before
