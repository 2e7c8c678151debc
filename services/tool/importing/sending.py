"""Sends a row's commands, in order, each under a key of its own; whatever was done before is not done
again. Blocking: one `Sender` for each thread.

Nothing is polled: each command says what it has seen (Petition-Seen), and the service waits for it.
Where it does not arrive in time (409 not-yet), or there is too much to do (429, 503), the answer says
when to come again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from kit.identity import Actor, Issuer
from kit.peers import service_url
from tool.importing.directory import Directory
from tool.importing.planning import Outcome, Plan, Refusal, Step, column_of

ACTOR = "import"
"""Whoever runs the import: an Idempotency-Key belongs to an actor, and the next run may be another's."""
TOKEN_SECONDS = 3600
NOT_YET = 10.0
"""Seconds that a command waits for what happened before it to arrive."""
PATIENCE = 60.0
"""Seconds that a service may be away or overloaded."""
STARTING = 5.0
"""The same before the first row: most likely nothing runs, or elsewhere."""
TIMEOUT = (5, 35)
PAUSE = 0.3


class Unreachable(Exception):
    """A service does not answer, or does not know us: no row can be sent. One line in Chinese."""


class Tokens:
    """The tool's token, renewed in time; shared by all threads.

    Args:
        office: whose register is brought in; it becomes the registering office.
    """

    def __init__(self, issuer: Issuer, office: str) -> None:
        self._issuer, self._lock = issuer, threading.Lock()
        self._actor = Actor("tool", ACTOR, office)
        self._token, self._until = "", 0.0

    def header(self) -> str:
        """The Authorization header."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._token = self._issuer.token(self._actor, TOKEN_SECONDS)
                self._until = time.monotonic() + TOKEN_SECONDS / 2
            return f"Bearer {self._token}"


def fetch_directory() -> Directory:
    """The site's names, from routing. Raises Unreachable."""
    caller = Caller(patience=STARTING)
    found = {}
    for name in ("divisions", "offices", "categories"):
        status, answer = caller.call("GET", "routing", f"/{name}")
        if status != 200:
            raise Unreachable(f"routing 服务:{answer.get('detail', status)}")
        found[name] = answer[name]
    return Directory(**found)


class Caller:
    """Calls services over connections of its own, again where the answer is "later".

    Args:
        tokens: of whom; None: of nobody.
        patience: seconds that a service may be away or overloaded.
        stopped: asked while waiting; True gives the wait up.
    """

    def __init__(
        self,
        tokens: Tokens | None = None,
        patience: float = PATIENCE,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._tokens, self._patience, self._stopped = tokens, patience, stopped
        self._session = requests.Session()
        self._session.trust_env = False  # no proxies, no netrc: the services are ours

    def call(
        self,
        method: str,
        service: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Status and answer of a request. Raises Unreachable."""
        began = time.monotonic()
        while True:
            answer = self._once(method, service_url(service) + path, dict(headers or {}), body)
            pause = _pause(answer)
            waited = time.monotonic() - began
            if answer is None or answer.status_code in (429, 503):
                if waited >= self._patience:
                    raise Unreachable(_away(service))
            elif answer.status_code == 401:
                raise Unreachable(f"{service} 不认可本工具的凭证,请核对密钥目录与时钟")
            elif pause is None or waited >= NOT_YET:
                return answer.status_code, _json(answer)
            self._sleep(pause or PAUSE, service)

    def _once(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> requests.Response | None:
        """One answer; None where none came. The key makes it safe to ask again."""
        if self._tokens:
            headers["Authorization"] = self._tokens.header()
        try:
            return self._session.request(method, url, data=body, headers=headers, timeout=TIMEOUT)
        except requests.RequestException:
            return None

    def _sleep(self, seconds: float, service: str) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._stopped():
                raise Unreachable(_away(service))
            time.sleep(min(left, PAUSE))


class Sender:
    """Sends plans, one command after another."""

    def __init__(self, caller: Caller, directory: Directory) -> None:
        self._caller, self._directory = caller, directory

    def send(self, plan: Plan) -> Outcome:
        """Does what the plan says, as far as it goes. Raises Unreachable."""
        number: str | None = None
        seen: dict[str, str] = {}
        for step in plan.steps:
            answer = self._command(plan, step, number, seen)
            if isinstance(answer, Refusal):
                return Outcome(plan.row, plan.source_ref, number, (answer,))
            number = answer["number"]
            source, _, sequence = answer["sequence"].partition(":")
            seen[source] = sequence
        return Outcome(plan.row, plan.source_ref, number)

    def _command(
        self, plan: Plan, step: Step, number: str | None, seen: Mapping[str, str]
    ) -> dict[str, Any] | Refusal:
        """The answer to one command, or why it was refused."""
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"import:{plan.key}:{step.key}",
        }
        if seen:
            headers["Petition-Seen"] = " ".join(f"{s}:{n}" for s, n in seen.items())
        path = step.path.format(number=number)
        status, answer = self._caller.call("POST", step.service, path, headers, step.body)
        if status < 300:
            return answer
        if answer.get("rule") == "assigned-already":
            return self._as_it_is(plan, step, number)
        return _refusal(step, status, answer)

    def _as_it_is(self, plan: Plan, step: Step, number: str | None) -> dict[str, Any] | Refusal:
        """Routing's rule was quicker: that is well where it came to the same result."""
        status, matter = self._caller.call("GET", "routing", f"/petitions/{number}")
        if status >= 300:
            return _refusal(step, status, matter)
        state = matter["petition"]
        if step.key == "location" and state["division"] != plan.division:
            reason = f"系统已定属地为 {state['division']},与登记簿不一致。"
            return Refusal(step.name, "问题属地", reason)
        if step.key == "assignment" and state["office"] != plan.office:
            name = self._directory.office_name(state["office"])
            return Refusal(step.name, "承办单位", f"系统已交由「{name}」办理,与登记簿不一致。")
        return {"number": number, "sequence": matter["sequence"]}


def _pause(answer: requests.Response | None) -> float | None:
    """Seconds until the same may be asked again; None where this is the answer."""
    if answer is None:
        return 1.0
    again = answer.status_code in (429, 503)
    if answer.status_code == 409:
        problem = _json(answer)
        again = (
            problem.get("type") == "/problems/not-yet" or problem.get("rule") == "still-locating"
        )
    return _retry_after(answer) if again else None


def _retry_after(answer: requests.Response) -> float:
    try:
        return min(10.0, max(0.1, float(answer.headers["Retry-After"])))
    except (KeyError, ValueError):
        return PAUSE


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        found: dict[str, Any] = answer.json()
    except ValueError:
        found = {"detail": f"服务的回答无法读取(HTTP {answer.status_code})"}
    return found


def _refusal(step: Step, status: int, problem: dict[str, Any]) -> Refusal:
    """The service's problem in the words of the register."""
    if problem.get("type") == "/problems/idempotency-key-reused":
        return Refusal(step.name, "", "首次导入后内容有改动,未覆盖。")
    errors = problem.get("errors") or [{}]
    column = column_of(step.key, errors[0].get("field", ""))
    reason = errors[0].get("detail") or problem.get("detail") or f"HTTP {status}"
    return Refusal(step.name, column or step.column, str(reason))


def _away(service: str) -> str:
    return f"{service} 服务没有回答,请确认站点已启动({service_url(service)})"
