"""模板: the forms of papers that offices put in the place of the shipped ones."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from kit.identity import Actor, Directory
from kit.jobs import enqueue
from kit.unit import Unit
from supervision.domain.papers import KINDS
from supervision.domain.procedure import Refused
from supervision.store import template

CHECK = "check-template"
IN_USE, CHECKING, REFUSED = "in_use", "checking", "refused"
LARGEST = 512 * 1024
"""Bytes of a form; a page of text with a letterhead has about 40 KB."""
UNPACKED = 20 << 20
DOCX_PART = "word/document.xml"


def put(unit: Unit, office: str, kind: str, content: bytes, actor: Actor) -> int:
    """Takes a form over, to be tried by a job before it is used. Returns its version."""
    check_kind(kind)
    check_docx(content)
    cursor, hash_ = unit.store.cursor, sha256(content).hexdigest()  # type: ignore[attr-defined]
    cursor.execute(
        f"SELECT version, sha256 FROM {template.fullname} WHERE office = %s AND kind = %s"
        " ORDER BY version DESC LIMIT 1",
        (office, kind),
    )
    if (newest := cursor.fetchone()) and newest[1] == hash_:  # sent again
        return int(newest[0])
    version = unit.count(f"template:{office}:{kind}")
    cursor.execute(
        f"INSERT INTO {template.fullname}"
        " (office, kind, version, content, sha256, state, put_at, put_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (office, kind, version, content, hash_, CHECKING, unit.now, actor.id),
    )
    enqueue(unit, CHECK, {"kind": kind, "version": version}, office, unit.now)
    return version


def check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise Refused("paper-unknown", "没有这种文书。", "There is no such kind of paper.", "kind", None, 404)  # fmt: skip


def check_docx(content: bytes) -> None:
    """A Word file without macros, and no bomb. Its fields are tried by a job."""
    if len(content) > LARGEST:
        raise unfit("文件不能超过512KB。", "The file is larger than 512 KB.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            unpacked = sum(item.file_size for item in packed.infolist())
    except zipfile.BadZipFile:
        raise unfit("不是DOCX文件。", "This is no DOCX file.") from None
    if DOCX_PART not in names:
        raise unfit("不是DOCX文件。", "This is no DOCX file.")
    if unpacked > UNPACKED:
        raise unfit("文件解开后过大。", "The file unpacks to too much.")
    if any("vbaproject" in name.lower() for name in names):
        raise unfit("模板不能含有宏。", "A form must have no macros.")


def unfit(zh: str, en: str) -> Refused:
    """The refusal of a file that is no form."""
    return Refused("template-unfit", zh, en, "content", None, 422)


def in_use(connection: Connection, directory: Directory, office: str, kind: str) -> bytes | None:
    """The form that an office uses: its own, else that of the nearest office above; None: the shipped."""
    for owner in (office, *directory.ancestors(office)):
        found = connection.execute(
            select(template.c.content)
            .where(template.c.office == owner, template.c.kind == kind, template.c.state == IN_USE)
            .order_by(template.c.version.desc())
            .limit(1)
        ).scalar()
        if found is not None:
            return bytes(found)
    return None


def shipped(kind: str) -> bytes:
    """The form that comes with the software, made by a process of its own: what makes DOCX files weighs
    40 MB and is no guest in a web process."""
    made = subprocess.run(  # noqa: S603 - the kind is one of our own words
        (sys.executable, "-m", "supervision.rendering", kind),
        capture_output=True, check=True, timeout=30,
    )  # fmt: skip
    return made.stdout


def listed(connection: Connection, office: str) -> dict[str, dict[str, Any]]:
    """The newest form of each kind that an office has put, without its content."""
    columns = [column for column in template.c if column.name != "content"]
    rows = connection.execute(
        select(*columns).where(template.c.office == office).order_by(template.c.version)
    ).mappings()
    return {row["kind"]: dict(row) for row in rows}
