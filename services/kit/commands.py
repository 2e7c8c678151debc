"""Commands: one transaction each, once however often they are sent.

`Commands.run` locks the petition, claims the Idempotency-Key, checks what the caller has seen and may
see, calls the handler, and stores the answer with everything else. `GroupCommit` does the same for
registrations of many clients in one transaction (house.md, issue 2): nothing to lock, only keys.
"""

from __future__ import annotations

import time
from collections import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import eventlet
import orjson
import psycopg2.errors
from eventlet.event import Event as Signal
from prometheus_client import Counter, Histogram

from kit.audit import AuditEntry, to_row
from kit.db import Database, Unavailable
from kit.identity import Actor, Reach, Visible
from kit.problems import Problem
from kit.sqlstore import insert
from kit.unit import Cursor, Mapping, Model, Unit, View
from kit.vault import Vault

SEEN_WAIT = 2.0
"""Seconds that a command waits for the events its caller has already seen (house.md 4.6)."""
SEEN_POLL = 0.05
GROUP = 100
"""Registrations committed together at most."""

COMMANDS = Counter("petition_commands_total", "Commands done", ["service", "outcome"])
GROUPS = Histogram(
    "petition_group_commit_size",
    "Commands in a group commit",
    ["service"],
    buckets=(1, 5, 20, 50, 100),
)


class Caller(Protocol):
    """What a command needs to know of its request (`kit.http.Request` has it)."""

    actor: Actor
    idempotency_key: str
    body_hash: bytes
    route: str
    seen: abc.Mapping[str, int]
    trace: str | None


Handler = Callable[[Unit, Any, dict[str, Any], Actor], dict[str, Any] | None]
Creator = Callable[[Unit, dict[str, Any], Actor], dict[str, Any]]


class _NotYet(Exception):
    """Events that the caller has seen have not arrived here."""

    def __init__(self, missing: dict[str, int]) -> None:
        super().__init__(str(missing))
        self.missing = missing


@dataclass
class Commands:
    """Runs the commands of one service on one kind of row (its petition, its case).

    Args:
        needs: rare rows that most of its commands ask for, loaded with the subject.
    """

    database: Database
    model: Model
    vault: Vault
    row: type[Any]
    visible: Visible
    reach: Callable[[Actor], Reach]
    needs: tuple[type[Any], ...] = ()

    def run(
        self, request: Caller, subject: str, handler: Handler, body: dict[str, Any]
    ) -> dict[str, Any]:
        """One command on one subject. Returns its answer, with `number` and `sequence`.

        Raises Problem 404 (unknown, or not for this actor to see), 409 (events seen by the caller are
        not here within 2 s), 422 (key used for another body), and what the handler refuses.
        """
        deadline = time.monotonic() + SEEN_WAIT

        def work(unit: Unit) -> dict[str, Any]:
            row = self._opened(unit, subject, request)
            return {"number": subject, **(handler(unit, row, body, request.actor) or {})}

        while True:
            try:
                return self._keyed(request, work)
            except _NotYet as not_yet:
                if not self._arrives(subject, not_yet.missing, deadline):
                    raise _not_arrived(not_yet.missing) from None

    def create(self, request: Caller, handler: Creator, body: dict[str, Any]) -> dict[str, Any]:
        """One command that makes a new subject; the handler creates it and answers with its `number`.

        Raises Problem 422 (key used for another body), and what the handler refuses.
        """
        return self._keyed(request, lambda unit: handler(unit, body, request.actor))

    def view(self, actor: Actor, subject: str, *also: Mapping) -> tuple[Any, View]:
        """The row of one subject, and a view of it that holds the rows of further mappings too.

        Raises Problem 404 (unknown, or not for this actor to see).
        """
        own = self.model.mapping(self.row)
        view = self.database.view(self.model, subject, own, *also)
        row = next(iter(view.of(self.row)), None) if view else None
        if view is None or row is None or not self.visible.admits(self.reach(actor), row):
            raise unknown(subject)
        return row, view

    def _keyed(self, request: Caller, work: Callable[[Unit], dict[str, Any]]) -> dict[str, Any]:
        """Does the work once for its key, and gives the stored answer to whoever sends it again."""
        try:
            answer = self.database.retry(lambda: self._once(request, work))
            COMMANDS.labels(self.model.source, "done").inc()
            return answer
        except psycopg2.errors.UniqueViolation as error:
            if not _is_key(error):
                raise
            COMMANDS.labels(self.model.source, "repeated").inc()
            return self.database.retry(lambda: self._stored(request))

    def _once(self, request: Caller, work: Callable[[Unit], dict[str, Any]]) -> dict[str, Any]:
        """One transaction: the key, the work, its audit row, and the answer as it is kept."""
        with self.database.unit(self.model, request.trace) as unit:
            claim = Claim.of(request)
            claim.claim(unit, self.model)
            answer = work(unit)
            answer["sequence"] = _sequence(unit, answer["number"])
            unit.audit(audit_row(unit, request, answer["number"]))
            unit.changes.answers.append(claim.answer(answer, self.vault))
        return answer

    def _arrives(self, subject: str, missing: abc.Mapping[str, int], deadline: float) -> bool:
        """Waits, looking at the cursor alone, until the missing events are applied; False: too late."""
        while time.monotonic() < deadline:
            eventlet.sleep(SEEN_POLL)
            view = self.database.view(self.model, subject)
            cursor = view.cursor if view else Cursor(subject)
            if not self._lacking(missing, cursor):
                return True
        return False

    def _lacking(self, wanted: abc.Mapping[str, int], cursor: Cursor) -> dict[str, int]:
        """What of `wanted` this service has neither published itself nor applied; sources that it
        does not hear are none of its business."""
        reached = {source: cursor.reached(source) for source in self.model.sources}
        reached[self.model.source] = cursor.own
        return {s: n for s, n in wanted.items() if s in reached and reached[s] < n}

    def _stored(self, request: Caller) -> dict[str, Any]:
        with self.database.unit(self.model) as unit:
            return Claim.of(request).stored(unit, self.model, self.vault)

    def _opened(self, unit: Unit, subject: str, request: Caller) -> Any:
        unit.open([subject], self.needs)
        if missing := self._lacking(request.seen, unit.cursors[subject]):
            raise _NotYet(missing)
        row = unit.get(self.row, subject)
        if row is None or not self.visible.admits(self.reach(request.actor), row):
            raise unknown(subject)
        return row


_KEY_COLUMNS = ("actor", "route", "key", "body_hash")


def _is_key(error: psycopg2.Error) -> bool:
    return error.diag.table_name == "command_key"


@dataclass(frozen=True)
class Claim:
    """One use of an Idempotency-Key: (actor, route, key) and the hash of what was sent."""

    actor: str
    route: str
    key: str
    body_hash: bytes

    @classmethod
    def of(cls, request: Caller) -> Claim:
        actor = f"{request.actor.kind}:{request.actor.id}"
        return cls(actor, request.route, request.idempotency_key, request.body_hash)

    @property
    def name(self) -> tuple[str, str, str]:
        return self.actor, self.route, self.key

    def claim(self, unit: Unit, model: Model) -> None:
        """Claims the key, in the same message as the unit's first statement. That statement raises
        UniqueViolation where the key was used before; a rival that holds it now is waited for."""
        call = insert(model.tables.command_key, _KEY_COLUMNS, [vars(self)])
        unit.store.cursor.call(*call)  # type: ignore[attr-defined]

    def stored(self, unit: Unit, model: Model, vault: Vault) -> dict[str, Any]:
        """The answer given before. Raises Problem 422 where the body was another."""
        cursor = unit.store.cursor  # type: ignore[attr-defined]
        cursor.execute(
            f"SELECT body_hash, answer FROM {model.tables.command_key.fullname}"
            " WHERE (actor, route, key) = (%s, %s, %s)",
            self.name,
        )
        body_hash, answer = cursor.fetchone()
        if bytes(body_hash) != self.body_hash:
            raise Problem(
                422,
                "idempotency-key-reused",
                "此 Idempotency-Key 已用于另一请求。",
                "This Idempotency-Key was used for another request.",
                field="Idempotency-Key",
            )
        found: dict[str, Any] = orjson.loads(vault.open_bytes(bytes(answer), self._context))
        return found

    def answer(self, answer: dict[str, Any], vault: Vault) -> tuple[str, str, str, bytes]:
        """The answer as it is kept under this key: sealed."""
        return *self.name, vault.seal(orjson.dumps(answer), self._context)

    @property
    def _context(self) -> str:
        return "answer:" + ":".join(self.name)


def claim_all(unit: Unit, model: Model, claims: Sequence[Claim]) -> set[tuple[str, str, str]]:
    """Inserts keys in sorted order; returns those that were free. Waits for a rival that holds one."""
    # of two members with one key the first does the work, so its body is the one to remember
    first = {claim.name: claim.body_hash for claim in reversed(claims)}
    rows = [dict(zip(_KEY_COLUMNS, (*name, first[name]), strict=True)) for name in sorted(first)]
    free = " ON CONFLICT DO NOTHING RETURNING actor, route, key"
    call = insert(model.tables.command_key, _KEY_COLUMNS, rows, free)
    return {tuple(row) for row in unit.store.cursor.query(*call)}  # type: ignore[attr-defined]


def _sequence(unit: Unit, subject: str) -> str:
    return f"{unit.model.source}:{unit.cursors[subject].own}"


def audit_row(unit: Unit, request: Caller, subject: str | None) -> dict[str, Any]:
    """The audit row of a command that was done."""
    return to_row(
        AuditEntry.by(
            request.actor,
            at=unit.now,
            action="command",
            subject=subject,
            route=request.route,
            trace=request.trace,
        )
    )


def unknown(subject: str) -> Problem:
    """404, the same for what is not there and what this actor may not see."""
    return Problem(
        404,
        "petition-unknown",
        f"没有信访件 {subject},或您无权查看。",
        f"There is no petition {subject}, or it is not yours to see.",
    )


def _not_arrived(missing: dict[str, int]) -> Problem:
    names = " ".join(f"{source}:{number}" for source, number in sorted(missing.items()))
    return Problem(
        409,
        "not-yet",
        f"前一步尚未到达本服务:{names},请稍后再试。",
        f"What you have seen has not arrived here yet: {names}. Try again.",
        field="Petition-Seen",
        headers={"Retry-After": "1"},
    )


# -- group commit --------------------------------------------------------------------------------


@dataclass
class Member:
    """One validated command in a group, and where its client waits."""

    request: Caller
    body: dict[str, Any]
    done: Signal = field(default_factory=Signal)


Registrar = Callable[[Unit, Sequence[tuple[dict[str, Any], Actor]]], list[dict[str, Any]]]
"""Does the members of one group in a unit, and returns their answers in order."""


class GroupCommit:
    """Many clients' registrations in one transaction.

    Requests queue; one greenthread takes what is there and commits it. Each member was validated
    before it joined, so a group fails only for reasons of the database; its members are then redone
    singly, and one bad member harms nobody else.
    """

    def __init__(
        self,
        database: Database,
        model: Model,
        vault: Vault,
        registrar: Registrar,
        linger: float = 0.015,
    ) -> None:
        self.database, self.model, self.vault = database, model, vault
        self.registrar, self.linger = registrar, linger
        self._queue: list[Member] = []
        self._running = False

    def run(self, request: Caller, body: dict[str, Any]) -> dict[str, Any]:
        """Joins the next group and waits for its commit. Raises Problem as `Commands.run` does."""
        member = Member(request, body)
        self._queue.append(member)
        if not self._running:
            self._running = True
            eventlet.spawn(self._serve)
        answer: dict[str, Any] = member.done.wait()
        return answer

    def _serve(self) -> None:
        """Commits group after group until nobody waits."""
        busy = False
        try:
            while self._queue:
                if busy:
                    eventlet.sleep(self.linger)
                group, self._queue = self._queue[:GROUP], self._queue[GROUP:]
                GROUPS.labels(self.model.source).observe(len(group))
                self._commit(group)
                busy = len(group) > 1
        finally:
            self._running = False

    def _commit(self, group: list[Member]) -> None:
        try:
            answers = self.database.retry(lambda: self._transaction(group))
        except Exception as error:
            if len(group) == 1 or isinstance(error, Unavailable):
                for member in group:
                    member.done.send_exception(error)
                return
            for member in group:
                self._commit([member])
            return
        for member, answer in zip(group, answers, strict=True):
            if isinstance(answer, Problem):
                member.done.send_exception(answer)
            else:
                member.done.send(answer)

    def _transaction(self, group: list[Member]) -> list[dict[str, Any] | Problem]:
        claims = [Claim.of(member.request) for member in group]
        with self.database.unit(self.model, group[0].request.trace) as unit:
            free = claim_all(unit, self.model, claims)
            fresh = _first_uses(claims, free)
            results = self.registrar(unit, [(group[i].body, group[i].request.actor) for i in fresh])
            answers: dict[int, dict[str, Any] | Problem] = dict(zip(fresh, results, strict=True))
            for i, answer in zip(fresh, results, strict=True):
                unit.changes.answers.append(claims[i].answer(answer, self.vault))
                unit.audit(audit_row(unit, group[i].request, answer["number"]))
        COMMANDS.labels(self.model.source, "done").inc(len(fresh))
        if len(fresh) < len(group):
            # after the commit: a key not returned may have been claimed by a member of this group
            with self.database.unit(self.model) as unit:
                for i in range(len(group)):
                    if i not in answers:
                        answers[i] = self._stored(unit, claims[i])
        return [answers[i] for i in range(len(group))]

    def _stored(self, unit: Unit, claim: Claim) -> dict[str, Any] | Problem:
        try:
            COMMANDS.labels(self.model.source, "repeated").inc()
            return claim.stored(unit, self.model, self.vault)
        except Problem as problem:
            return problem


def _first_uses(claims: Sequence[Claim], free: set[tuple[str, str, str]]) -> list[int]:
    """Indexes of the members that do the work: the first in the group with each free key."""
    fresh, left = [], set(free)
    for i, claim in enumerate(claims):
        if claim.name in left:
            left.remove(claim.name)
            fresh.append(i)
    return fresh
