"""模板: the forms that offices put in the place of the shipped ones, whatever is printed on them.

A form is taken over as it is sent, and tried by a job before it is used. The newest that is in use counts: the
office's own, else that of the nearest office above, else the shipped one.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, MetaData, Table, and_, select, update

from kit import sheet
from kit.identity import Actor, Directory
from kit.jobs import Task, enqueue
from kit.problems import Problem, not_found
from kit.rows import columns_of
from kit.unit import Unit

CHECK = "check-template"
IN_USE, CHECKING, REFUSED, ENDED = "in_use", "checking", "refused", "ended"
LARGEST = 512 * 1024
"""Bytes of a form; a page of text with a letterhead has about 40 KB."""
UNPACKED = 20 << 20
PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
"""The part that a file of a format must have."""
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": sheet.TYPES["xlsx"],
}


class Unfit(Exception):
    """A form that cannot be filled in; says why, in Chinese."""


@dataclass
class Template:
    """An office's own form of a kind; it serves the offices under it too.

    `state` is checking, in_use, refused (with the reason in `problem`) or ended. The newest in use counts.
    """

    office: str
    kind: str
    version: int
    content: bytes
    sha256: str
    state: str
    put_at: datetime
    put_by: str
    problem: str | None = None


def template_table(metadata: MetaData) -> Table:
    """A service's table of forms."""
    return Table("template", metadata, *columns_of(Template, ("office", "kind", "version")))


@dataclass(frozen=True)
class Kind:
    """What a form is a form of: its name, and `docx` or `xlsx`."""

    name: str
    format: str = "docx"


@dataclass(frozen=True)
class Templates:
    """The forms of one service.

    Args:
        module: makes the shipped ones as a program: `python -m module KIND` writes the file to its output.
    """

    table: Table
    kinds: Mapping[str, Kind]
    module: str

    def kind(self, kind: str) -> Kind:
        """Raises Problem 404."""
        if kind not in self.kinds:
            raise not_found("这种模板", "such form")
        return self.kinds[kind]

    def put(self, unit: Unit, office: str, kind: str, content: bytes, actor: Actor) -> int:
        """Takes a form over, to be tried by a job before it is used. Returns its version."""
        check_file(content, self.kind(kind).format)
        cursor, hash_ = _cursor(unit), sha256(content).hexdigest()
        cursor.execute(
            f"SELECT version, sha256 FROM {self.table.fullname} WHERE office = %s AND kind = %s"
            " AND state <> 'ended' ORDER BY version DESC LIMIT 1",
            (office, kind),
        )
        if (newest := cursor.fetchone()) and newest[1] == hash_:  # sent again
            return int(newest[0])
        version = unit.count(f"template:{office}:{kind}")
        cursor.execute(
            f"INSERT INTO {self.table.fullname}"
            " (office, kind, version, content, sha256, state, put_at, put_by)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (office, kind, version, content, hash_, CHECKING, unit.now, actor.id),
        )
        enqueue(unit, CHECK, {"kind": kind, "version": version}, office, unit.now)
        return version

    def end(self, unit: Unit, office: str, kind: str) -> None:
        """停用: back to the form of the office above, or the shipped one."""
        self.kind(kind)
        _cursor(unit).execute(
            f"UPDATE {self.table.fullname} SET state = 'ended' WHERE office = %s AND kind = %s",
            (office, kind),
        )

    def tried(self, task: Task, attempt: Callable[[str, bytes], object]) -> dict[str, Any]:
        """The job that tries a form: in use from here on, or refused with the reason.

        Args:
            attempt: fills in a form of a kind with what is made up; raises Unfit.
        """
        key = {"office": task.subject, "state": CHECKING, **task.arguments}
        chosen = and_(*(self.table.c[name] == value for name, value in key.items()))
        with task.engine.begin() as connection:
            content = connection.execute(select(self.table.c.content).where(chosen)).scalar()
            if content is None:  # it was ended meanwhile
                return {"state": ENDED}
            try:
                attempt(task.arguments["kind"], bytes(content))
                state, problem = IN_USE, None
            except Unfit as unfit:
                state, problem = REFUSED, str(unfit)
            connection.execute(
                update(self.table).where(chosen).values(state=state, problem=problem)
            )
        return {"state": state}

    # -- which is used -----------------------------------------------------------------------------

    def in_use(
        self, connection: Connection, directory: Directory, office: str, kind: str
    ) -> bytes | None:
        """The form that an office uses: its own, else that of the nearest office above; None: the shipped."""
        table = self.table
        for owner in (office, *directory.ancestors(office)):
            found = connection.execute(
                select(table.c.content)
                .where(table.c.office == owner, table.c.kind == kind, table.c.state == IN_USE)
                .order_by(table.c.version.desc())
                .limit(1)
            ).scalar()
            if found is not None:
                return bytes(found)
        return None

    def shipped(self, kind: str) -> bytes:
        """The form that comes with the software."""
        return _made(self.module, kind)

    def listed(self, connection: Connection, office: str) -> list[dict[str, Any]]:
        """Every kind with the newest form of it that an office has put, if any."""
        columns = [column for column in self.table.c if column.name != "content"]
        rows = connection.execute(
            select(*columns).where(self.table.c.office == office).order_by(self.table.c.version)
        ).mappings()
        own = {row["kind"]: row for row in rows}
        names = ("version", "state", "problem", "put_at")
        return [
            {"kind": kind, "name": known.name, "format": known.format}
            | {name: own[kind][name] if kind in own else None for name in names}
            for kind, known in self.kinds.items()
        ]


@cache
def _made(module: str, kind: str) -> bytes:
    """A shipped form, made once by a process of its own: what makes office files weighs 40 MB, takes seconds, and is
    no guest in a web process. Other requests go on meanwhile."""
    made = subprocess.run(  # noqa: S603 - the kind is one of our own words
        (sys.executable, "-m", module, kind), capture_output=True, check=True, timeout=30
    )
    return made.stdout


def check_file(content: bytes, format_: str) -> None:
    """An office file without macros, and no bomb. Its fields are tried by a job. Raises Problem 422."""
    if len(content) > LARGEST:
        raise _unfit("文件不能超过512KB。", "The file is larger than 512 KB.")
    name = format_.upper()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            unpacked = sum(item.file_size for item in packed.infolist())
    except zipfile.BadZipFile:
        raise _unfit(f"不是{name}文件。", f"This is no {name} file.") from None
    if PARTS[format_] not in names:
        raise _unfit(f"不是{name}文件。", f"This is no {name} file.")
    if unpacked > UNPACKED:
        raise _unfit("文件解开后过大。", "The file unpacks to too much.")
    if any("vbaproject" in name.lower() for name in names):
        raise _unfit("模板不能含有宏。", "A form must have no macros.")


def _unfit(zh: str, en: str) -> Problem:
    return Problem(422, "refused", zh, en, field="content", rule="template-unfit")


def _cursor(unit: Unit) -> Any:
    return unit.store.cursor  # type: ignore[attr-defined]
