"""附件: what is taken, what is refused and by which name, and what of it stands in clear."""

from __future__ import annotations

import io
import sys
import zipfile
from typing import Any

import orjson
import pytest

from intake import contents, handlers, jobs
from intake.domain import attachments
from intake.domain.attachments import KINDS, Limits, clean_name, kind_of
from intake.domain.registration import Refused
from intake.store import Attachment, Petition
from kit.envelope import Event
from kit.identity import Actor
from kit.unit import Unit
from tests.people import CLERK, NUMBER, PETITIONER, Desk
from tests.unit.intake.test_intake_handlers import VAULT, registered


def package(*parts: str) -> bytes:
    """A zip archive with these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part in parts:
            archive.writestr(part, "<x/>")
    return buffer.getvalue()


PDF, PNG, JPEG = b"%PDF-1.7\n1 0 obj", b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xd8\xff\xe0\x00\x10JFIF"
DOCX = package("[Content_Types].xml", "word/document.xml")
XLSX = package("[Content_Types].xml", "xl/workbook.xml")
GOOD = [
    ("证据.pdf", PDF, "pdf"), ("a.JPG", JPEG, "jpeg"), ("a.jpeg", JPEG, "jpeg"), ("a.png", PNG, "png"),
    ("合同.docx", DOCX, "docx"), ("表.xlsx", XLSX, "xlsx"), ("公文.ofd", package("OFD.xml"), "ofd"),
    ("说明.txt", "第一行\n第二行\t".encode(), "text"), ("旧.txt", "旧文件".encode("gb18030"), "text"),
    ("bom.txt", "\ufeff内容".encode(), "text"),
]  # fmt: skip
BAD = [
    ("a.exe", b"MZ\x90", "attachment-type"), ("a", PDF, "attachment-type"), ("", PDF, "attachment-type"),
    ("a.html", b"<script>", "attachment-type"), ("a.svg", b"<svg/>", "attachment-type"),
    ("a.pdf.exe", PDF, "attachment-type"), ("a.docm", DOCX, "attachment-type"),
    ("a.zip", DOCX, "attachment-type"), ("a.pdf", b"", "attachment-empty"),
    ("a.pdf", PNG, "attachment-mismatch"), ("a.png", PDF, "attachment-mismatch"),
    ("a.jpg", b"GIF89a", "attachment-mismatch"), ("a.pdf", b"MZ\x90 %PDF-", "attachment-mismatch"),
    ("a.docx", XLSX, "attachment-mismatch"), ("a.docx", package("x/word/document.xml"), "attachment-mismatch"),
    ("a.docx", DOCX[:-30], "attachment-mismatch"), ("a.docx", b"PK\x03\x04PK\x05\x06", "attachment-mismatch"), ("a.xlsx", b"PK\x03\x04 broken", "attachment-mismatch"),
    ("a.docx", package("word/document.xml", "word/vbaProject.bin"), "attachment-mismatch"),
    ("a.txt", b"MZ\x90\x00\x03", "attachment-mismatch"), ("a.txt", PNG, "attachment-mismatch"),
    ("a.txt", "宽".encode("utf-16"), "attachment-mismatch"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "kind"), GOOD)
def test_a_file_is_what_its_bytes_say(name: str, data: bytes, kind: str) -> None:
    assert kind_of(name, data).name == kind


@pytest.mark.parametrize(("name", "data", "rule"), BAD)
def test_what_is_not_taken_is_named(name: str, data: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        kind_of(name, data)
    assert refused.value.rule == rule and refused.value.field == "file"
    assert name in refused.value.zh and name in refused.value.en


def test_a_long_list_of_names_keeps_nobody_busy() -> None:
    parts = [*(f"p{i}" for i in range(attachments.MOST_PARTS)), "word/document.xml"]
    with pytest.raises(Refused):
        kind_of("a.docx", package(*parts))


def test_each_kind_is_shown_to_be_taken() -> None:
    assert {kind for _, _, kind in GOOD} == {kind.name for kind in KINDS}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("合同 2.pdf", "合同 2.pdf"), ("../../etc/passwd.txt", "passwd.txt"), ("C:\\a\\b.pdf", "b.pdf"),
        ('a"\r\nSet-Cookie: x=1.pdf', 'a"Set-Cookie: x=1.pdf'), ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("a\x00b.pdf", "ab.pdf"), (".pdf", "pdf"), (" . ", ""), ("字" * 300 + ".pdf", "字" * 96 + ".pdf"),
        ("字" * 300, "字" * 100),
    ],
)  # fmt: skip
def test_a_name_is_one_line_without_a_folder(name: str, kept: str) -> None:
    assert clean_name(name) == kept


@pytest.mark.parametrize(
    ("size", "present", "rule"),
    [
        (1 << 20, [], None), ((1 << 20) + 1, [], "attachment-large"),
        (1, [1, 1], None), (1, [1, 1, 1], "attachments-many"),
        (1 << 20, [1 << 20], None), (1 << 20, [1 << 20, 1], "attachments-large"),
    ],
)  # fmt: skip
def test_limits(size: int, present: list[int], rule: str | None) -> None:
    limits = Limits(megabytes=1, count=3, total_megabytes=2)
    if rule is None:
        attachments.check_size("a.pdf", size, present, limits)
        return
    with pytest.raises(Refused) as refused:
        attachments.check_size("a.pdf", size, present, limits)
    assert refused.value.rule == rule and "a.pdf" in refused.value.zh


@pytest.mark.parametrize(
    ("state", "rule"),
    [("unscanned", None), ("clean", None), ("waiting", "attachment-waiting"),
     ("infected", "attachment-infected")],
)  # fmt: skip
def test_what_may_be_handed_on(state: str, rule: str | None) -> None:
    if rule is None:
        attachments.check_download("a.pdf", state)
        return
    with pytest.raises(Refused) as refused:
        attachments.check_download("a.pdf", state)
    assert refused.value.rule == rule


# -- the handler -----------------------------------------------------------------------------------


def attach(desk: Desk, actor: Actor = CLERK, scanned: bool = False, **changes: Any) -> list[Event]:
    data = changes.get("data", PDF)
    body = {"name": "张三的合同.pdf", "data": data, "identity": False} | changes
    body["digest"] = contents.digest_of(data)

    def work(unit: Unit) -> None:
        unit.open([NUMBER])
        row = unit.get(Petition, NUMBER)
        assert row is not None
        handlers.attach(unit, row, body, actor, VAULT, Limits(), scanned)

    return desk.do(work)


def test_a_file_is_kept_by_a_row_and_told_by_a_count() -> None:
    desk, _, _ = registered()
    attach(desk)
    (event,) = attach(desk, PETITIONER, scanned=True, name="b.png", data=PNG)
    assert (event.type, event.data["count"], event.sealed) == ("attachment.added", 2, False)
    one, two = desk.one(Attachment, NUMBER, 1), desk.one(Attachment, NUMBER, 2)
    assert (one.kind, one.state, one.by_petitioner, one.size) == (
        "pdf",
        "unscanned",
        False,
        len(PDF),
    )
    assert (two.kind, two.state, two.by_petitioner) == ("png", "waiting", True)
    assert VAULT.open(one.name, f"attachment.name:{NUMBER}:1") == "张三的合同.pdf"


def test_neither_name_nor_hash_stands_in_an_event() -> None:
    desk, _, _ = registered()
    attach(desk)
    told = b"".join(entry.body for entry in desk.store.log)
    for secret in ("张三的合同", contents.digest_of(PDF).hex()):
        assert secret.encode() not in told
    assert set(orjson.loads(desk.store.log[-1].body)["data"]) == {"petition", "count"}


def test_a_sealed_petition_tells_of_it_in_secret() -> None:
    desk, _, _ = registered(type="accusation")
    (event,) = attach(desk)
    assert event.sealed


@pytest.mark.parametrize(
    ("confidential", "actor", "identity", "kept"),
    [(False, PETITIONER, False, False), (True, PETITIONER, False, True), (True, CLERK, False, False),
     (True, CLERK, True, True), (False, CLERK, True, True)],
)  # fmt: skip
def test_who_petitions_in_confidence_is_not_shown_by_a_paper(
    confidential: bool, actor: Actor, identity: bool, kept: bool
) -> None:
    desk, _, _ = registered(confidential=confidential)
    attach(desk, actor, identity=identity)
    assert desk.one(Attachment, NUMBER, 1).identity is kept


def test_what_has_ended_takes_no_file() -> None:
    desk, _, _ = registered()

    def withdraw(unit: Unit) -> None:
        unit.open([NUMBER])
        row = unit.get(Petition, NUMBER)
        assert row is not None
        handlers.withdraw(unit, row, {}, PETITIONER, VAULT)

    desk.do(withdraw)
    with pytest.raises(Refused) as refused:
        attach(desk)
    assert refused.value.rule == "supplement-too-late"


# -- the scanner -----------------------------------------------------------------------------------

FOUND = "import sys; sys.exit(1 if b'EICAR' in sys.stdin.buffer.read() else 0)"


@pytest.mark.parametrize(
    ("script", "data", "state"),
    [(FOUND, b"x" * 100_000, "clean"), (FOUND, b"..EICAR..", "infected"),
     ("import sys; sys.exit(2)", b"x", None), ("import time; time.sleep(30)", b"x", None)],
)  # fmt: skip
def test_how_a_scanner_judges(script: str, data: bytes, state: str | None) -> None:
    assert jobs.judged([sys.executable, "-c", script], data, 1.5) == state


def test_a_scanner_that_is_not_there_judges_nothing() -> None:
    assert jobs.judged(["/nowhere/scanner"], b"x", 1) is None
