"""The four services, the database and the sessions in memory: pages without network or sockets.

`FakeServices` stands where `console.client.Network` stands and answers the same routes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from console.client import Down, Refusal
from console.sessions import Officer
from console.store import MODEL, Account
from kit import clock
from kit.memory import MemoryStore
from kit.unit import Unit

OFFICES = [
    ("330282-xfj", "慈溪市信访局", "信访局", None, "330282000000", "petition_office", ["c17"]),
    ("330282121-xfb", "慈溪市周巷镇信访办公室", "周巷镇信访办", "330282-xfj", "330282121000", "town",
     ["c04"]),
    ("330282-rsj", "慈溪市人力资源和社会保障局", "人社局", "330282-xfj", "330282000000", "department",
     ["c05"]),
]  # fmt: skip
DIVISIONS = [
    ("330282000000", "慈溪市", "county"),
    ("330282121000", "周巷镇", "town"),
    ("330282121204", "天潭村委会", "village"),
]
CATEGORIES = [("c04", None, "农业农村"), ("c0401", "c04", "村务管理"), ("c040101", "c0401", "村务公开"),
              ("c040102", "c0401", "村级债务"),
              ("c05", None, "劳动和社会保障")]  # fmt: skip
ENDED = {"c040102": "2026-01-01"}
NUMBER = "330282202603020001"
CODE = "K7QM-2XRD-9WPA"
ORDER = ("registered", "located", "assigned", "signed", "accepted", "answered", "served", "closed")
NEXT = {"signed": "accept", "accepted": "answer", "answered": "serve", "served": "close"}


def _problem(status: int, code: str, detail: str, /, **errors: str) -> Refusal:
    return Refusal(
        "fake", status, code, detail, {k.replace("__", "."): v for k, v in errors.items()}
    )


RETURNED = {"id": "letter", "name": "来信", "unit": "件次", "by_hand": False}


@dataclass
class FakeServices:
    """Four services that agree at once, unless told to lag (`lag` readings) or to be away (`down`)."""

    token_of: Callable[[str], str]
    down: set[str] = field(default_factory=set)
    lag: int = 0
    calls: list[tuple[str, str, str, Any, dict[str, str]]] = field(default_factory=list)
    petitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    reading: dict[str, Any] | None = None
    due_on: str | None = "2026-03-05"
    signed_by: str | None = None
    counted: int | None = 3
    ended: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(
        self,
        service: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any:
        self.calls.append(
            (service, method, path, body if body is not None else query, dict(headers))
        )
        if service in self.down:
            raise Down(service)
        for verb, pattern, name in ROUTES[service]:
            if verb == method and (found := re.fullmatch(pattern, path)):
                answer = getattr(self, name)
                sent = body if body is not None else dict(query or {})
                if "Idempotency-Key" in headers:
                    return self._once(headers["Idempotency-Key"], answer, found.groups(), sent)
                return answer(*found.groups(), sent)
        raise AssertionError(f"no such route: {service} {method} {path}")

    def download(self, service: str, path: str, *, headers: Mapping[str, str]) -> Any:
        if service in self.down:
            raise Down(service)
        self.beyond(dict(parse_qsl(path.partition("?")[2])))

    def _once(self, key: str, answer: Any, arguments: Any, body: Any) -> Any:
        if key not in self.answers:
            self.answers[key] = (body, answer(*arguments, body))
        elif self.answers[key][0] != body:
            raise _problem(422, "idempotency-key-reused", "此 Idempotency-Key 已用于另一请求。")
        return self.answers[key][1]

    # -- intake ----------------------------------------------------------------------------------

    def register(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["text"] is None:
            raise _problem(422, "invalid", "填写有误：text。", text="此项必填。")
        for i, person in enumerate(body["people"]):
            if person["phone"] == "abc":
                name = f"people__{i}__phone"
                raise _problem(422, "invalid", "填写有误。", **{name: "格式不对。"})
        if not body["people"] and not body["anonymous"]:
            raise _problem(
                422, "refused", "请登记信访人,或注明匿名。", people="请登记信访人,或注明匿名。"
            )
        number = f"33028220260302{len(self.petitions) + 1:04d}"
        self.add(number, **body)
        return {"number": number, "sequence": "intake:1", "query_code": CODE}

    def suggestions(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["type"] == "accusation":
            raise _problem(
                422, "refused", "检举控告件不作自动建议。", type="检举控告件不作自动建议。"
            )
        found = [("c040101", ["账目"]), ("c05", ["工资"])] if "账目" in body["text"] else []
        return {"suggestions": [{"category": c, "words": w} for c, w in found]}

    def add(self, number: str, **body: Any) -> dict[str, Any]:
        """A petition, registered."""
        now = clock.now().isoformat()
        state = {
            "number": number, "status": "registered", "placing": "registered", "handling": None,
            "channel": body.get("channel", "visit"),
            "type": body.get("type", "request"), "category": body.get("category"),
            "head_count": body.get("head_count", 1), "household_count": body.get("household_count"), "received_on": body.get("received_on", "2026-03-02"),
            "registered_at": now, "registered_by": "330282-xfj", "division": body.get("division"),
            "office": None, "forward_due": "2026-03-17T16:00:00Z", "accept_due": None,
            "answer_due": None, "review_due": None,
        }  # fmt: skip
        people = body.get("people") or [
            {"role": "petitioner", "name": "张三丰", "phone": "13812345678", "id_number": None,
             "id_kind": None, "address": None}
        ]  # fmt: skip
        self.petitions[number] = {
            "state": state, "title": body.get("title") or body.get("text", "村务不公开")[:30],
            "text": body.get("text", "村务三年没有公开。"), "people": people, "rating": None,
            "entries": [], "opinion": None, "outcome": None, "sealed": False,
            "anonymous": body.get("anonymous", False), "served_on": None,
            "complained_about": body.get("complained_about"),
            "own": {"intake": 0, "routing": 0, "supervision": 0}, "urgent": body.get("urgent", False), "mark": None, "reports": [],
        }  # fmt: skip
        self._note(number, "intake", "petition.registered", {"chosen_division": None})
        return self.petitions[number]

    def petition(self, number: str, _: Any) -> dict[str, Any]:
        row = self._row(number)
        masked = [
            p | {"name": p["name"][0] + "**", "phone": p["phone"] and "138****5678"}
            for p in row["people"]
        ]
        names = ("title", "text", "sealed", "anonymous", "complained_about", "rating")
        return {name: row[name] for name in names} | {
            "petition": row["state"], "people": masked,
            "repeat_of": None, "contested": False, "supplements": [], "urgent": row["urgent"],
            "confidential": False, "collective": False, "attachments": [], "receptions": [], "postmarked_on": None, "barcode": None,
            "claims": [{"ordinal": 1, "type": row["state"]["type"], "branch": None, "text": None}],
            "sequence": f"intake:{row['own']['intake']}",
        }  # fmt: skip

    def people(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"people": self._row(number)["people"]}

    def timeline(self, number: str, _: Any) -> dict[str, Any]:
        entries = self._row(number)["entries"]
        return {"entries": entries[: len(entries) - 1] if self._late() else entries}

    def rate(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        row = self._row(number)
        if not body["petition_office"] or not body["responsible_office"]:
            raise _problem(422, "invalid", "填写有误。", petition_office="此项不能为空。")
        row["rating"] = {k: body[k] for k in ("petition_office", "responsible_office")}
        return self._note(number, "intake", "petition.rated", row["rating"])

    def titles(self, body: dict[str, Any]) -> dict[str, Any]:
        rows = {n: self.petitions[n] for n in body["numbers"] if n in self.petitions}
        return {
            "titles": {
                n: {"title": r["title"], "name": r["people"][0]["name"][0] + "**"}
                for n, r in rows.items()
            }
        }

    def search(self, query: dict[str, str]) -> dict[str, Any]:
        found = [
            n
            for n, r in self.petitions.items()
            if query.get("words", "") in r["text"]
            and ("name" not in query or query["name"] == r["people"][0]["name"])
        ]
        return {"numbers": found, "narrow": False}

    def petitioner_token(self, body: dict[str, str]) -> dict[str, Any]:
        if body["number"] not in self.petitions or body["code"] != CODE:
            raise _problem(403, "code-wrong", "编号或查询码不正确。", code="编号或查询码不正确。")
        return {"token": self.token_of(body["number"]), "expires_in": 3600}

    # -- routing ---------------------------------------------------------------------------------

    def offices(self, _: Any) -> dict[str, Any]:
        names = ("id", "name", "short_name", "parent", "division", "kind", "categories")
        rows = [dict(zip(names, row, strict=True)) for row in OFFICES]
        return {
            "offices": [
                row
                | {
                    "valid_from": None,
                    "valid_to": None,
                    "level": "",
                    "successors": [],
                    **self.ended.get(row["id"], {}),
                    "hours": None,
                    "body_levels": ["village"],
                    "address": "便民中心",
                    "phone": "0574-00000101",
                    "threshold": 0.9,
                }
                for row in rows
            ]
        }

    def divisions(self, _: Any) -> dict[str, Any]:
        return {"divisions": [{"code": c, "name": n, "level": v} for c, n, v in DIVISIONS]}

    def categories(self, _: Any) -> dict[str, Any]:
        return {
            "categories": [
                {
                    "id": i,
                    "parent": p,
                    "name": n,
                    "source_code": None,
                    "valid_from": None,
                    "valid_to": ENDED.get(i),
                    "successors": [],
                }
                for i, p, n in CATEGORIES
            ]
        }

    def competence(self, asked: dict[str, str]) -> dict[str, Any]:
        office = OFFICES[0][0]
        return {
            "office": office, "rule": "r1", "principle": "competent", "territorial": office,
            "competent": None, "assisting": [OFFICES[1][0]], "assist_days": 30, "candidates": [],
            "version": "v/1",
        }  # fmt: skip

    def places(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [
            {
                "code": c,
                "name": n,
                "level": v,
                "weight": 3.0,
                "spans": [[0, 2]],
                "inside": v != "county",
            }
            for c, n, v in (*DIVISIONS[1:], ("330281000000", "余姚市", "county"))
        ]
        roles = [{"role": "residence"} | found[1]]
        return {"status": "ambiguous" if "村" in body["text"] else "none", "code": None, "confidence": 0.3,
                "candidates": found if "村" in body["text"] else [], "roles": roles, "written": None,
                "version": "v"}  # fmt: skip

    def aliases(self, _: Any) -> dict[str, Any]:
        row = {"number": NUMBER, "name": "老街菜场", "division": DIVISIONS[0][0], "scope": DIVISIONS[0][0],
               "valid_from": "2026-03-02", "valid_to": None, "kept_by": "a", "kept_at": "2026-03-02T01:15:00Z"}  # fmt: skip
        return {"aliases": [row]}

    def end_alias(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"taken": 1}

    def rules(self, _: Any) -> dict[str, Any]:
        rule = {
            "id": "r1", "division": DIVISIONS[0][0], "category": None, "level": "city",
            "principle": "competent", "lead": OFFICES[0][0], "lead_name": "甲", "assisting": ["@place"],
            "assisting_names": ["属地"], "assist_days": 30, "valid_from": "2022-05-01", "valid_to": None,
            "ground": "某文件",
        }  # fmt: skip
        return {
            "version": 1, "source": "规则.csv", "imported_at": "2026-03-02T01:15:00Z", "rules": [rule],
            "tallies": [{"step": "office", "rule": "r1", "made": 5, "overturned": 1},
                        {"step": "place", "rule": "text", "made": 7, "overturned": 0}],
        }  # fmt: skip

    def take_file(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["name"] == "bad.csv":
            raise _problem(
                422, "invalid", "文件有误,没有导入。", content="第2行:没有区划「某地」。"
            )
        return {"taken": 1}

    def matter(self, number: str, _: Any) -> dict[str, Any]:
        row = self._row(number)
        waits = row["state"]["status"] in ("registered", "located")
        return {
            "petition": row["state"], "locating": False, "triage": "no-name" if waits else None, "suggested": [],
            "about_office": None, "about_level": "town", "choice": None, "confidence": 0.3,
            "reading": self.reading,
            "located_rule": None, "assigned_rule": None, "method": None, "objections": [],
            "decline": None, "deliberations": [], "assisting": [], "report_due": None, "sender": None,
            "assigned_at": None, "signed_at": None, "next_steps": self._routing_steps(row["state"]),
            "sequence": f"routing:{row['own']['routing']}", "seen": f"intake:{row['own']['intake']}",
        }  # fmt: skip

    @staticmethod
    def _routing_steps(state: dict[str, Any]) -> list[dict[str, Any]]:
        if state["handling"]:
            return []
        if state["placing"] in ("registered", "located"):
            return [{"name": "assign", "office": None, "roles": ["triage"]}]
        if state["placing"] == "assigned":
            return [{"name": "sign", "office": state["office"], "roles": ["clerk", "head"]}]
        return []

    def triage(self, _: Any) -> dict[str, Any]:
        rows = [r["state"] for r in self.petitions.values() if r["state"]["status"] == "registered"]
        matters = [row | {"triage": "no-name", "sealed": False} for row in rows]
        return {"matters": matters, "total": len(matters), "next": None}

    def locate(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        self._row(number)["state"]["division"] = body["division"]
        return self._step(number, "routing", "located", {"by": "person", "rule": "person"})

    def assign(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        if body["office"] not in {row[0] for row in OFFICES}:
            raise _problem(
                422, "office-unknown", "单位目录中没有该单位。", office="单位目录中没有该单位。"
            )
        self._row(number)["state"]["office"] = body["office"]
        detail = {"by": "person", "rule": None, "method": body["method"], "office": body["office"]}
        return self._step(number, "routing", "assigned", detail)

    def sign(self, number: str, _: Any) -> dict[str, Any]:
        return self._step(
            number, "routing", "signed", {"office": self._row(number)["state"]["office"]}
        )

    # -- supervision -----------------------------------------------------------------------------

    def case(self, number: str, _: Any) -> dict[str, Any]:
        row, own = self._row(number), self._row(number)["own"]
        late = self._late()
        duty = {
            "number": number, "kind": "forward", "office": "330282-xfj", "owed_by": "office",
            "ground": "信访工作条例 第二十二条", "started_at": row["state"]["registered_at"], "zero": "2026-03-02",
            "due_at": "2026-03-17T16:00:00Z", "state": "open", "light": "yellow", "missed_at": None,
            "ended_at": None,
        }  # fmt: skip
        return {
            "petition": row["state"], "steps": {"served_on": row["served_on"]}, "duties": [duty],
            "opinion": row["opinion"], "outcome": row["outcome"], "procedure": None,
            "final_reason": None, "hearing": False, "extensions": [], "contributions": [],
            "mediations": [], "follow_ups": [], "orders": [], "addressees": [], "urgent_mark": row["mark"],
            "urgent_reports": row["reports"],
            "claims": [{"ordinal": 1, "type": "request", "branch": "31-6", "outcome": None}],
            "proceedings": [self._proceeding(row)], "next_steps": self._case_steps(row),
            "papers": [], "next_papers": [],
            "sequence": f"supervision:{own['supervision']}",
            "seen": f"intake:{own['intake'] - late} routing:{max(0, own['routing'] - late)}",
        }  # fmt: skip

    @staticmethod
    def _proceeding(row: dict[str, Any]) -> dict[str, Any]:
        return {
            "stage": "handle", "round": 1, "outside": False, "office": "330282121-xfb", "requested_on": "2026-03-02",
            "grounds": None, "decided_at": None, "outcome": row["outcome"],
            "facts": None, "basis": None, "opinion": row["opinion"], "served_on": row["served_on"], "service_method": "in_person",
            "receipt": "signed",
        }  # fmt: skip

    @staticmethod
    def _case_steps(row: dict[str, Any]) -> list[dict[str, Any]]:
        state, roles = row["state"], ["clerk", "head"]
        name = NEXT.get(state["status"])
        steps = [{"name": name, "office": state["office"], "roles": roles}] if name else []
        if name == "answer":
            steps.append(steps[0] | {"name": "ask_extension"})
        urgent = "report_urgent" if row["urgent"] else "mark_urgent"
        return [*steps, {"name": urgent, "office": state["registered_by"], "roles": roles}]

    def mark_urgent(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        row = self._row(number)
        if not body["circumstances"]:
            raise _problem(
                422, "invalid", "填写有误：circumstances。", circumstances="此项不能为空。"
            )
        office = row["state"]["registered_by"]
        row["urgent"], row["mark"] = True, {"office": office, "at": "2026-03-02T01:15:00Z"} | body
        return self._note(number, "supervision", "urgent.marked", {"office": office})

    def report_urgent(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        row = self._row(number)
        if not body["to"]:
            raise _problem(422, "invalid", "填写有误：to。", to="此项不能为空。")
        ordinal = 1 + len(row["reports"])
        told = {"ordinal": ordinal, "office": row["state"]["registered_by"]} | body
        row["reports"].append(told)
        return self._note(number, "supervision", "urgent.reported", told)

    def duties(self, number: str, _: Any) -> dict[str, Any]:
        duty = self.case(number, None)["duties"][0]
        more = {
            "summary": "依据《信访工作条例》第二十二条", "ends": "转送之时", "basis": "law",
            "rule": "forward.2022",
            "days": [{"day": "2026-03-03", "count": 1, "why": "counted", "zh": "周二,第1日"}],
        }  # fmt: skip
        return {"duties": [duty | more]}

    def cases(self, query: dict[str, str]) -> dict[str, Any]:
        rows = [r["state"] | {"urgent": self._light(r)} for r in self.petitions.values()]
        if "urgent" in query:
            rows = [row for row in rows if row["urgent"]]
        for name in ("status", "channel", "type", "office"):
            if name in query:
                rows = [row for row in rows if row[name] == query[name]]
        if "numbers" in query:
            rows = [row for row in rows if row["number"] in query["numbers"].split(",")]
        start = int(query.get("after", "0").partition("~")[0])
        more = start + 2 < len(rows)
        return {
            "cases": rows[start : start + 2],
            "total": len(rows),
            "next": f"{start + 2}~" if more else None,
        }

    @staticmethod
    def _light(row: dict[str, Any]) -> dict[str, Any] | None:
        if not row["urgent"]:
            return None
        return {"light": "red", "state": "fulfilled" if row["reports"] else "open"}

    def desk(self, _: Any) -> dict[str, Any]:
        duties = [self.case(n, None)["duties"][0] for n in self.petitions]
        steps = ("to_sign", "to_accept", "to_answer", "to_serve", "to_close")
        lights = {"green": 0, "yellow": len(duties), "red": 0}
        return dict.fromkeys(steps, 1) | {"lights": lights, "duties": duties}

    def accept(self, number: str, _: Any) -> dict[str, Any]:
        detail = {"office": "330282121-xfb", "procedure": "ordinary"}
        return self._step(number, "supervision", "accepted", detail)

    def answer(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        if not body["opinion"]:
            raise _problem(422, "invalid", "填写有误。", opinion="此项不能为空。")
        row = self._row(number)
        row["opinion"], row["outcome"] = body["opinion"], body["outcome"]
        return self._step(number, "supervision", "answered", {"outcome": body["outcome"]})

    def ask_extension(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        if not body["reason"]:
            raise _problem(422, "invalid", "填写有误：reason。", reason="此项不能为空。")
        return self._note(number, "supervision", "extension.asked", {"days": body["days"]})

    def serve(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        self._row(number)["served_on"] = body["served_on"]
        detail = {"stage": "handle"} | body | {"receipt": "signed"}
        return self._step(number, "supervision", "served", detail)

    def close(self, number: str, _: Any) -> dict[str, Any]:
        return self._step(number, "supervision", "closed", {"on_time": True})

    # -- stats -----------------------------------------------------------------------------------

    def today(self, _: Any) -> dict[str, Any]:
        n = len(self.petitions)
        return {
            "day": "2026-03-02", "today": {"registered": n}, "month": {"registered": n},
            "by_channel": {"visit": n}, "by_day": [{"day": "2026-03-02", "n": n}], "open": n,
        }  # fmt: skip

    def counts(self, query: dict[str, str]) -> dict[str, Any]:
        self.beyond(query)
        if query["to"] < query["from"]:
            raise _problem(422, "invalid", "填写有误：to。", to="此项填写有误。")
        names = query["by"].split(",")
        row = {"office": "330282-rsj", "day": "2026-03-02", "division": "", "channel": "visit"}
        told = {"n": 7, "cases": "what=closed"}
        rows = [{name: row[name] for name in names} | told]
        return {"rows": rows, "total": 7, "cases": "what=closed"}

    def indicators(self, _: Any) -> dict[str, Any]:
        return {"indicators": [CLOSED_ON_TIME]}

    def figures(self, query: dict[str, str]) -> dict[str, Any]:
        self.asked = query
        self.beyond(query)
        told = {
            "values": {}, "numerator": 19, "denominator": 20, "value": "95", "year_on_year": "—",
            "on_previous": "+1.2个百分点", "hidden": False, "bases": BASES,
            "cases": "what=closed_on_time&part=numerator&period=month:2026-03",
            "denominator_cases": "what=closed_on_time&part=denominator&period=month:2026-03",
        }  # fmt: skip
        values = {"office": "330282-rsj", "town": "", "size": "joint", "topic": ""}
        by = query["by"].split(",") if "by" in query else []
        rows = [told | {"values": {n: values[n] for n in by}}] if by else []
        if query.get("published"):
            bare = NO_CASES | {"bases": {name: base | NO_CASES for name, base in BASES.items()}}
            rows = [row | HIDDEN for row in rows] + [row | bare for row in rows]
            told |= bare
        of = {"text": query["period"], "since": "2026-03-01", "until": "2026-03-31"}
        return {
            "indicator": CLOSED_ON_TIME, "period": of, "by": by, "as_of": query.get("as_of"), "unfinished": "as_of" in query,
            "compared_with": {"year_on_year": None, "on_previous": of}, "path": "rollup",
            "rows": rows, "total": told,
        }  # fmt: skip

    def beyond(self, *asked: Any) -> dict[str, Any]:
        """Refuses the ends of the calendar, as stats does, and a free period; else there is nothing."""
        for name, said in asked[-1].items():
            if said.startswith("free") or re.search("0001|9999", said):
                raise _problem(422, "invalid", f"填写有误：{name}。", **{name: "此项填写有误。"})
        return {"reports": [], "series": [], "bulletins": []}

    def figure_cases(self, query: dict[str, str]) -> dict[str, Any]:
        self.asked = query
        self.beyond(query)
        row = {
            "number": next(iter(self.petitions)), "day": "2026-03-02", "n": 1, "office": "330282-rsj",
            "division": None, "channel": "visit", "category": None, "status": "closed",
        }  # fmt: skip
        of = {"text": "month:2026-03", "since": "2026-03-01", "until": "2026-03-31"}
        return {
            "indicator": CLOSED_ON_TIME, "period": of, "cases": [row], "total": 20, "counted": 20,
            "next": None if "after" in query else "2026-03-02T00:00:00Z~1",
        }  # fmt: skip

    def returns(self, query: dict[str, str]) -> dict[str, Any]:
        self.beyond(query)
        return {
            "month": query["month"], "items": [RETURNED], "sum": {"letter": None}, "faults": ["来访 153,而分项之和为 155"], "missing": ["330282-xfj"],
            "due_on": self.due_on, "days_late": 8 if self.due_on else 0, "returns": [{"office": "330282-xfj", "state": "drawn", "signed_at": None, "figures": {"letter": 3}}],
        }  # fmt: skip

    def returns_sum(self, query: dict[str, str]) -> dict[str, Any]:
        self.beyond(query)
        line = {
            "item": "letter",
            "name": "来信",
            "unit": "件次",
            "now": 8,
            "year_on_year": "—",
            "before": 9,
            "blank": ["2026-03-01"],
            "blank_before": [],
        }
        return {
            "since": "2026-01-01", "until": "2026-12-31", "signed": 1, "signed_before": 35, "faults": [], "lines": [line],
            "missing": {"2026-01-01": 34, "2026-02-01": 35}, "missing_before": {},
        }  # fmt: skip

    def monthly_return(self, office: str, query: dict[str, str]) -> dict[str, Any]:
        return {
            "office": office, "month": query["month"], "state": "signed" if self.signed_by else "drawn", "version": 4, "edition": "own",
            "figures": {"letter": 3}, "counted": {"letter": self.counted}, "cases": {"letter": "what=registered"}, "faults": [], "corrections": [], "drawn_at": "2026-03-02T01:00:00Z",
            "signed_at": self.signed_by and "2026-03-04T01:00:00Z", "signed_by": self.signed_by, "later": {"2026-01-01": {"letter": -1}, "2025-12-01": {"letter": 2}},
        }  # fmt: skip

    def sign_return(self, office: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked = body
        rule = "该月报已重新编制或者更正,请核对后再签发。"
        raise _problem(409, "refused", rule, version=rule)

    def correct_return(self, office: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked = body
        raise _problem(422, "invalid", "填写有误：reason。", reason="此项填写有误。")

    def seen_report(self, office: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked = body
        raise _problem(422, "invalid", "填写有误：version。", version="此项填写有误。")

    def bulletins(self, asked: dict[str, str]) -> dict[str, Any]:
        self.beyond(asked)
        rows = [
            {"id": f"b{n}", "office": asked["office"], "series": 1, "state": "issued", "year": 2026,
             "serial": n, "code": f"2026年第{n}期", "title": "接访情况", "issued_at": None, "void_at": None}
            for n in (56, 55)
        ]  # fmt: skip
        return {
            "series": [
                {"ordinal": 1, "name": "《人民来访快报》", "issued": 55, "total": 56},
                {"ordinal": 2, "name": "专报", "issued": 0, "total": 0},
            ],
            "bulletins": rows,
        }

    # -- pieces ----------------------------------------------------------------------------------

    def _row(self, number: str) -> dict[str, Any]:
        if number not in self.petitions:
            raise _problem(404, "petition-unknown", f"没有信访件 {number},或您无权查看。")
        return self.petitions[number]

    def _step(
        self, number: str, source: str, status: str, detail: dict[str, Any]
    ) -> dict[str, Any]:
        state = self._row(number)["state"]
        if ORDER.index(status) <= ORDER.index(state["status"]):
            raise _problem(409, "refused", "当前状态不能办理这一步。")
        owned = "placing" if source == "routing" else "handling"
        state[owned] = status
        state["status"] = state["handling"] or state["placing"]
        return self._note(number, source, f"petition.{status}", detail)

    def _note(self, number: str, source: str, type_: str, detail: dict[str, Any]) -> dict[str, Any]:
        row = self.petitions[number]
        row["own"][source] += 1
        row["entries"].append(
            {"source": source, "sequence": row["own"][source], "type": type_,
             "at": clock.now().isoformat(), "detail": detail}
        )  # fmt: skip
        return {"number": number, "sequence": f"{source}:{row['own'][source]}"}

    def _late(self) -> int:
        if self.lag <= 0:
            return 0
        self.lag -= 1
        return 1


CLOSED_ON_TIME = {
    "id": "closed_on_time", "name": "按期办结率", "english": "closed on time", "unit": "%", "times": 100,
    "formula": "限办截止前办结的 ÷ 限办截止在本期的", "numerator": "close_in_time",
    "numerator_name": "限办截止前办结的", "denominator_name": "限办截止的",
    "denominator": "close_due", "source": "F", "kind": "rate",
    "whose": "holder",
}  # fmt: skip
NO_CASES = {"cases": None, "denominator_cases": None}
BASES = {
    "year_on_year": NO_CASES | {"numerator": None, "denominator": None, "value": "—"},
    "on_previous": {
        "numerator": 15, "denominator": 16, "value": "93.8", "cases": "what=closed_on_time&before=1",
        "denominator_cases": "what=closed_on_time&part=denominator&before=1",
    },
}  # fmt: skip
HIDDEN = NO_CASES | {
    "numerator": None, "denominator": None, "value": "—", "year_on_year": "—", "on_previous": "—",
    "hidden": True, "bases": {},
}  # fmt: skip
_N = r"/petitions/(\d+)"
_C = r"/cases/(\d+)"
ROUTES = {
    "intake": [
        ("POST", "/petitions", "register"), ("GET", _N, "petition"), ("POST", f"{_N}/identity", "people"),
        ("GET", f"{_N}/timeline", "timeline"), ("POST", f"{_N}/rating", "rate"),
        ("POST", "/categories/suggestions", "suggestions"), ("POST", "/titles", "titles"), ("POST", "/search", "search"),
        ("POST", "/petitioner-tokens", "petitioner_token"),
    ],
    "routing": [
        ("GET", "/offices", "offices"), ("GET", "/divisions", "divisions"), ("GET", "/competence", "competence"), ("GET", "/rules", "rules"),
        ("POST", "/places", "places"), ("GET", "/aliases", "aliases"), ("POST", "/aliases/ending", "end_alias"),
        ("GET", "/offices", "offices"), ("POST", "/(?:rules|offices)", "take_file"),
        ("GET", "/categories", "categories"), ("GET", _N, "matter"), ("GET", "/triage", "triage"),
        ("POST", f"{_N}/location", "locate"), ("POST", f"{_N}/assignment", "assign"),
        ("POST", f"{_N}/signature", "sign"),
    ],
    "supervision": [
        ("GET", "/desk", "desk"), ("GET", "/cases", "cases"), ("GET", _C, "case"),
        ("GET", f"{_C}/duties", "duties"),
        ("POST", f"{_C}/acceptance", "accept"), ("POST", f"{_C}/answer", "answer"),
        ("POST", f"{_C}/urgency", "mark_urgent"), ("POST", f"{_C}/urgent-report", "report_urgent"),
        ("POST", f"{_C}/extension", "ask_extension"), ("POST", f"{_C}/service", "serve"),
        ("POST", f"{_C}/closure", "close"),
    ],
    "stats": [
        ("GET", "/figures/today", "today"), ("GET", "/counts", "counts"), ("GET", "/figures", "figures"),
        ("GET", "/indicators", "indicators"), ("GET", "/figures/cases", "figure_cases"),
        *(("GET", path, "beyond") for path in ("/topics", "/reports",
                                               "/reports/([^/]+)(?:/narrative)?")),
        ("GET", "/returns", "returns"), ("GET", "/returns/sum", "returns_sum"),
        ("GET", "/returns/([^/]+)", "monthly_return"),
        ("POST", "/returns/([^/]+)/signature", "sign_return"),
        ("POST", "/returns/([^/]+)/correction", "correct_return"),
        ("POST", "/reports/([^/]+)/drawing", "beyond"), ("POST", "/reports/([^/]+)/(?:addition|issue)", "seen_report"),

        ("GET", "/bulletins", "bulletins"),
    ],
}  # fmt: skip


class MemoryDatabase:
    """Units on a `MemoryStore`."""

    def __init__(self) -> None:
        self.store = MemoryStore(MODEL)

    @contextmanager
    def unit(self, model: Any, traceparent: str | None = None) -> Iterator[Unit]:
        unit = self.store.unit(clock.now())
        yield unit
        unit.flush()

    def account(self, login: str) -> Account | None:
        """The account as it stands."""
        rows: Iterator[Account] = iter(self.store.rows[Account].values())
        return next((row for row in rows if row.login == login), None)

    def titled(self, id: str) -> str | None:
        """What an account is called where it signed."""
        row: Account | None = self.store.rows[Account].get((id,))
        return f"{row.post}（{row.login}）" if row else None

    def staff(self, offices: Any) -> list[Account]:
        """The open accounts of some offices."""
        rows: list[Account] = list(self.store.rows[Account].values())
        return [row for row in rows if row.office in offices and row.active]


@dataclass
class MemorySessions:
    """Sessions in a dictionary."""

    held: dict[str, Officer] = field(default_factory=dict)

    def open(self, who: Account) -> str:
        secret = f"secret-{len(self.held)}"
        self.held[secret] = Officer(
            "officer",
            who.id,
            who.office,
            frozenset(who.roles),
            None,
            f"{len(self.held):064x}",
            who.post,
        )
        return secret

    def find(self, secret: str) -> Officer | None:
        return self.held.get(secret)

    def close(self, digest: str) -> None:
        self.held = {s: o for s, o in self.held.items() if o.session != digest}
