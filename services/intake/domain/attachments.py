"""附件: which files a petition may carry. What a file is, its first bytes say, never its name alone."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from intake.domain.registration import Refused

MOST_MEGABYTES = 20
"""What a site may allow for one file at most: a body is held in memory while it is received."""
MOST_PARTS = 5000
"""Parts of a package that are looked at."""
NAME = 100
"""Characters of a file name that are kept."""
STATES = ("unscanned", "waiting", "clean", "infected")
"""未查毒 (no scanner is set up), 等待查毒, 已查毒, 含病毒."""


@dataclass(frozen=True)
class Limits:
    """How much a petition may carry; a setting of the site."""

    megabytes: int = 10
    count: int = 20
    total_megabytes: int = 60


@dataclass(frozen=True)
class Kind:
    """One type of file that is taken: its endings, its media type, and what proves it."""

    name: str
    endings: tuple[str, ...]
    media_type: str
    proves: Callable[[bytes], bool]


def _begins(magic: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(magic)


def _package(part: bytes) -> Callable[[bytes], bool]:
    """A zip archive with this part in it. A macro is a programme, which no petition needs."""

    def proves(data: bytes) -> bool:
        names = list(_parts(data)) if data.startswith(b"PK\x03\x04") else []
        return part in names and not any(n.lower().endswith(b"vbaproject.bin") for n in names)

    return proves


def _parts(data: bytes) -> Iterator[bytes]:
    """The names in an archive's central directory (APPNOTE 4.3.12 and 4.3.16), so many at most: nobody shall
    keep the register busy with a list of names."""
    end = data.rfind(b"PK\x05\x06")
    size = int.from_bytes(data[end + 12 : end + 16], "little") if end > 0 else 0
    at = end - size
    for _ in range(MOST_PARTS):
        if at < 0 or data[at : at + 4] != b"PK\x01\x02" or at + 46 > end:
            return
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        yield data[at + 46 : at + 46 + name]
        at += 46 + name + extra + comment


_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


def _is_text(data: bytes) -> bool:
    """UTF-8 or GB 18030 without control characters."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return not _CONTROLS.search(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return False


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = (
    Kind("pdf", (".pdf",), "application/pdf", _begins(b"%PDF-")),
    Kind("jpeg", (".jpg", ".jpeg"), "image/jpeg", _begins(b"\xff\xd8\xff")),
    Kind("png", (".png",), "image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    Kind(
        "docx", (".docx",), f"{_OFFICE}.wordprocessingml.document", _package(b"word/document.xml")
    ),
    Kind("xlsx", (".xlsx",), f"{_OFFICE}.spreadsheetml.sheet", _package(b"xl/workbook.xml")),
    Kind("ofd", (".ofd",), "application/ofd", _package(b"OFD.xml")),
    Kind("text", (".txt",), "text/plain; charset=utf-8", _is_text),
)
"""GB/T 33190 is OFD. Text comes last: much that is no text would pass for it."""
BY_NAME = {kind.name: kind for kind in KINDS}
ALLOWED = "、".join(kind.endings[0].removeprefix(".").upper() for kind in KINDS)
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def clean_name(name: str) -> str:
    """The file's name without folders, control characters and marks that turn the reading direction."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(c for c in last if unicodedata.category(c) not in _UNSEEN).strip(" .")
    stem, dot, ending = seen.rpartition(".")
    return f"{stem[: NAME - len(ending) - 1]}{dot}{ending}" if dot else seen[:NAME]


def kind_of(name: str, data: bytes) -> Kind:
    """What the file is. Raises `Refused` naming the file where that is not taken, or not what it says.

    Args:
        name: cleaned.
    """
    ending = name[name.rfind(".") :].lower()
    claimed = next((kind for kind in KINDS if ending in kind.endings), None)
    if claimed is None:
        raise _refused("attachment-type", name, f"不能接收这种文件,只接收 {ALLOWED}。",
                       "This type of file is not taken.", 415)  # fmt: skip
    if not data:
        raise _refused("attachment-empty", name, "文件是空的。", "The file is empty.")
    if not claimed.proves(data):
        raise _refused("attachment-mismatch", name, "文件内容与扩展名不符,请核对文件。",
                       "The file's content is not what its name says.", 415)  # fmt: skip
    return claimed


def check_size(name: str, size: int, present: Sequence[int], limits: Limits) -> None:
    """Raises `Refused` where this file, or all of them together, would be too much.

    Args:
        present: sizes of the files that the petition carries already.
    """
    if size > limits.megabytes << 20:
        raise _refused("attachment-large", name, f"单个文件不能超过 {limits.megabytes} MB。",
                       f"A file has at most {limits.megabytes} MB.", 413)  # fmt: skip
    if len(present) >= limits.count:
        raise _refused("attachments-many", name, f"每件最多 {limits.count} 个附件。",
                       f"A petition has at most {limits.count} attachments.")  # fmt: skip
    if sum(present) + size > limits.total_megabytes << 20:
        raise _refused("attachments-large", name, f"附件合计不能超过 {limits.total_megabytes} MB。",
                       f"All attachments have at most {limits.total_megabytes} MB.")  # fmt: skip


def check_download(name: str, state: str) -> None:
    """What a scanner found, or has not looked at yet, is not handed on."""
    if state == "infected":
        raise _refused("attachment-infected", name, "查毒发现病毒,不能下载。",
                       "The scanner found something in it.", 403)  # fmt: skip
    if state == "waiting":
        raise _refused("attachment-waiting", name, "正在等待查毒,请稍后再试。",
                       "It waits to be scanned; try again later.", 409)  # fmt: skip


def _refused(rule: str, name: str, zh: str, en: str, status: int = 422) -> Refused:
    shown = name or "(未命名)"
    return Refused(rule, f"「{shown}」:{zh}", f"{shown}: {en}", "file", None, status)
