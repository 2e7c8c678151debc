"""POST /petitions of the plain pipeline, for gunicorn."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, request
from marshmallow import ValidationError
from psycopg2.extras import Json

from intake.domain import registration
from intake.schemas import RegisterIn
from kit import keys
from kit.audit import AuditEntry, to_row
from kit.identity import Actor, Authenticator
from kit.problems import Problem
from kit.vault import Vault
from tests.bench.baseline import store, tasks

URL, SITE, ROUTE = os.environ["DATABASE_URL"], "330282", "/petitions"
FOLDER = Path(os.environ["PETITION_STATE"]) / "keys"

app = Flask(__name__)
schema = RegisterIn()
vault = Vault(keys.load_vault(FOLDER), "intake")
authenticator = Authenticator(keys.load_public(FOLDER))


@app.get("/ready")
def ready() -> Response:
    """Tells that the process is there."""
    return Response("ready")


@app.post(ROUTE)
def register() -> Response:
    """Registers one petition and hands it on."""
    try:
        actor = authenticator.actor(request.headers.get("Authorization"))
        raw = request.get_data()
        body = schema.load(orjson.loads(raw))
        now = datetime.now(UTC)
        _check(body, actor, now)
    except Problem as problem:
        return _json({"detail": problem.detail_en}, problem.status)
    except ValidationError as error:
        return _json({"errors": error.messages}, 400)
    except registration.Refused as refused:
        return _json({"rule": refused.rule}, refused.status)
    return _register(body, actor, request.headers["Idempotency-Key"], sha256(raw).digest(), now)


def _check(body: dict[str, Any], actor: Actor, now: datetime) -> None:
    registration.check_registration(
        channel=body["channel"],
        received_on=body["received_on"],
        today=now.astimezone(store.ZONE).date(),
        anonymous=body["anonymous"],
        people=[person["role"] for person in body["people"]],
        head_count=body["head_count"],
        by_public=actor.kind == "public",
    )


def _register(
    body: dict[str, Any], actor: Actor, key: str, body_hash: bytes, now: datetime
) -> Response:
    claim = {
        "actor": f"{actor.kind}:{actor.id}", "route": ROUTE, "key": key, "body_hash": body_hash,
    }  # fmt: skip
    context = f"answer:{claim['actor']}:{ROUTE}:{key}"
    day = now.astimezone(store.ZONE).date()
    cursor = store.connect(URL).cursor()
    try:
        sequence = store.claim(cursor, claim, day)
        if sequence is None:
            return _json(_stored(cursor, claim, context), 201)
        number = registration.number(SITE, day, sequence)
        state = _state(number, body, actor.office or "", now)
        answer = {"number": number, "sequence": "intake:1", "query_code": vault.code(number)}
        store.commit(cursor, _statements(cursor, state, body, actor, claim, answer, context, now))
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    tasks.route.delay(state, body["division"])
    return _json(answer, 201)


def _stored(cursor: Any, claim: dict[str, Any], context: str) -> Any:
    cursor.execute(
        "ROLLBACK; SELECT answer FROM intake.command_key WHERE (actor, route, key) = (%s, %s, %s)",
        (claim["actor"], claim["route"], claim["key"]),
    )
    return orjson.loads(vault.open_bytes(bytes(cursor.fetchone()[0]), context))


def _state(number: str, body: dict[str, Any], office: str, now: datetime) -> dict[str, Any]:
    """The public state, in JSON types: it travels with the tasks."""
    return {
        "number": number, "status": "registered", "placing": "registered", "handling": None,
        "channel": body["channel"],
        "type": body["type"], "category": body["category"], "head_count": body["head_count"],
        "household_count": registration.households(body["channel"], body["household_count"]),
        "received_on": body["received_on"].isoformat(), "registered_at": now.isoformat(),
        "registered_by": office, "division": None, "office": None,
        "forward_due": None, "accept_due": None, "answer_due": None, "review_due": None,
    }  # fmt: skip


def _statements(
    cursor: Any, state: dict[str, Any], body: dict[str, Any], actor: Actor,
    claim: dict[str, Any], answer: dict[str, Any], context: str, now: datetime,
) -> list[str]:  # fmt: skip
    number = state["number"]
    petition = {
        **state, "chosen_division": body["division"], "sealed": False,
        "anonymous": body["anonymous"], "title": body["title"] or body["text"][:30],
        "text": body["text"], "complained_about": body["complained_about"],
        "source_ref": body["source_ref"], "offices": [state["registered_by"]], "barred": [], "urgent": False, "confidential": False,
    }  # fmt: skip
    people = [_person(number, i, person) for i, person in enumerate(body["people"], 1)]
    entry = AuditEntry.by(actor, at=now, action="command", subject=number, route=ROUTE)
    sealed = vault.seal(orjson.dumps(answer), context)
    statements = [
        store.insert(cursor, "intake.petition", [petition]),
        store.insert(cursor, "intake.claim", [_claim(number, body)]),
        store.insert(cursor, "intake.timeline", [_note(number, body, now)]),
        store.insert(cursor, "intake.audit_log", [_plain(to_row(entry))]),
        cursor.mogrify(
            "UPDATE intake.command_key SET answer = %s WHERE (actor, route, key) = (%s, %s, %s)",
            (sealed, claim["actor"], claim["route"], claim["key"]),
        ).decode(),
    ]
    return statements + [store.insert(cursor, "intake.person", people)] if people else statements


def _note(number: str, body: dict[str, Any], now: datetime) -> dict[str, Any]:
    return store.note(number, "intake", 1, now, {"chosen_division": body["division"]})


def _claim(number: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"number": number, "ordinal": 1, "type": body["type"], "branch": None}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {k: Json(v) if isinstance(v, dict) else v for k, v in row.items()}


def _person(number: str, ordinal: int, person: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"number": number, "ordinal": ordinal, "role": person["role"]}
    for field in ("name", "id_number", "phone", "address"):
        context = f"person.{field}:{number}:{ordinal}"
        row[field] = vault.seal(person[field], context) if person[field] else None
    for field, column in (
        ("name", "name_index"),
        ("id_number", "id_index"),
        ("phone", "phone_index"),
    ):
        row[column] = vault.blind(person[field], field) if person[field] else None
    return row


def _json(answer: Any, status: int) -> Response:
    return Response(orjson.dumps(answer), status, mimetype="application/json")
