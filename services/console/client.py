"""Calls to the four services, each under the token of whoever is at the page.

Everything sent is a reading or carries an Idempotency-Key, so one broken connection is tried again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import orjson
import requests
from requests.adapters import HTTPAdapter

from kit.peers import service_url

TIMEOUT = (1.0, 5.0)
"""Seconds to connect, and to wait for an answer."""
POOL = 32
PIECE = 64 << 10
"""Bytes of a download at a time."""
SHUNNED = 3.0
"""Seconds for which nothing is read from a service that let someone wait in vain: a page with five
parts must not wait five times. Commands are always tried."""


class Down(Exception):
    """A service does not answer, or says that it cannot now."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class Refusal(Exception):
    """A service said no (RFC 9457). `errors` are Chinese messages by the field's dotted path."""

    def __init__(
        self,
        service: str,
        status: int,
        code: str,
        detail: str,
        errors: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{service} {status} {code}")
        self.service, self.status, self.code, self.detail = service, status, code, detail
        self.errors = dict(errors or {})

    @classmethod
    def read(cls, service: str, status: int, body: Any) -> Refusal:
        """The refusal in a problem document; a body that is none still makes one."""
        body = body if isinstance(body, dict) else {}
        errors: dict[str, str] = {}
        for error in body.get("errors", ()):
            name, text = error["field"], error["detail"]
            errors[name] = f"{errors[name]} {text}" if name in errors else text
        code = str(body.get("type", "")).rpartition("/")[2]
        detail = body.get("detail") or f"操作未完成（{status}）。"
        if body.get("article"):
            detail += f"（{body['article']}）"
        return cls(service, status, code, detail, errors)


@dataclass(frozen=True)
class Download:
    """A file on its way to the browser."""

    content_type: str
    disposition: str
    pieces: Iterator[bytes]


class Http(Protocol):
    """Sends one request to a service and returns its answer, JSON or a `File`; raises `Down` or `Refusal`."""

    def __call__(
        self, service: str, method: str, path: str, *, headers: Mapping[str, str],
        query: Mapping[str, str] | None = None, body: Any = None,
    ) -> Any: ...  # fmt: skip

    def download(self, service: str, path: str, *, headers: Mapping[str, str]) -> Download:
        """A file, piece by piece."""


class Network:
    """`Http` over real connections, kept open and shared by all pages of the process."""

    def __init__(self, url_of: Callable[[str], str] = service_url) -> None:
        self._url_of = url_of
        self._shunned: dict[str, float] = {}
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor a .netrc between our own services
        self._session.mount("http://", HTTPAdapter(pool_maxsize=POOL))
        self._session.mount("https://", HTTPAdapter(pool_maxsize=POOL))

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
        if "Idempotency-Key" not in headers and time.monotonic() < self._shunned.get(service, 0):
            raise Down(service)
        sent = dict(headers)
        data = body if body is None or isinstance(body, BytesIO) else orjson.dumps(body)
        if data is not None:
            kind = "octet-stream" if data is body else "json"
            sent["Content-Type"] = f"application/{kind}"
        url = self._url_of(service) + path
        return _read(service, self._send(service, method, url, query, data, sent))

    def download(self, service: str, path: str, *, headers: Mapping[str, str]) -> Download:
        """A file, piece by piece: it is never held here."""
        url = self._url_of(service) + path
        answer = self._send(service, "GET", url, None, None, dict(headers), stream=True)
        if answer.status_code != 200:
            _read(service, answer)
            raise Down(service)
        return Download(
            answer.headers.get("Content-Type", "application/octet-stream"),
            answer.headers.get("Content-Disposition", "attachment"),
            answer.iter_content(PIECE),
        )

    def _send(
        self,
        service: str,
        method: str,
        url: str,
        query: Mapping[str, str] | None,
        data: bytes | BytesIO | None,
        headers: dict[str, str],
        stream: bool = False,
    ) -> requests.Response:
        for attempt in (1, 2):
            if isinstance(data, BytesIO):
                data.seek(0)
            try:
                return self._session.request(
                    method, url, params=query, data=data, headers=headers, timeout=TIMEOUT,
                    allow_redirects=False, stream=stream,
                )  # fmt: skip
            except requests.Timeout:
                self._shunned[service] = time.monotonic() + SHUNNED
                raise Down(service) from None
            except requests.ConnectionError:
                # a kept connection that the service has just closed looks like this
                if attempt == 2:
                    raise Down(service) from None
            except requests.RequestException:
                raise Down(service) from None
        raise AssertionError("unreachable")


def _read(service: str, answer: requests.Response) -> Any:
    """What an answer says. Raises Down or Refusal."""
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Down(service)
    content = _content(service, answer)
    if answer.status_code >= 400:
        raise Refusal.read(service, answer.status_code, content)
    return content


def _content(service: str, answer: requests.Response) -> Any:
    try:
        return orjson.loads(answer.content) if answer.content else {}
    except orjson.JSONDecodeError:
        raise Down(service) from None


@dataclass(frozen=True)
class Calls:
    """The services' routes as methods, on behalf of one actor.

    `key` is the Idempotency-Key of a command, `seen` what its caller has seen (`routing:5 intake:3`).
    """

    http: Http
    token: str | None = field(default=None, repr=False)
    trace: str = ""

    # -- intake ----------------------------------------------------------------------------------

    def register(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Registers a petition: number, query_code, sequence."""
        return self._command("intake", "/petitions", body, key)

    def suggestions(self, text: str, type_: str | None) -> list[dict[str, Any]]:
        """Categories that a text seems to be about, and the words that say so."""
        answer = self._post("intake", "/categories/suggestions", {"text": text, "type": type_})
        return list(answer["suggestions"])

    def petition(self, number: str) -> dict[str, Any]:
        """Title, text, masked people, rating."""
        return self._get("intake", f"/petitions/{_p(number)}")

    def people(self, number: str, reason: str) -> list[dict[str, Any]]:
        """The people in clear; the reason is logged."""
        answer = self._post("intake", f"/petitions/{_p(number)}/identity", {"reason": reason})
        return list(answer["people"])

    def timeline(self, number: str) -> list[dict[str, Any]]:
        """Every step of every service, oldest first."""
        return list(self._get("intake", f"/petitions/{_p(number)}/timeline")["entries"])

    def rate(self, number: str, body: dict[str, Any], key: str, seen: str) -> dict[str, Any]:
        """The petitioner's rating."""
        return self._command("intake", f"/petitions/{_p(number)}/rating", body, key, seen)

    def attach(
        self, number: str, name: str, data: BytesIO, identity: bool, key: str
    ) -> dict[str, Any]:
        """Adds a file, sent as it is read; its name travels in a header, percent-encoded."""
        said = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        headers = self._headers() | {"Idempotency-Key": key, "Content-Disposition": said}
        path = f"/petitions/{_p(number)}/attachments"
        query = {"identity": "true"} if identity else None
        return dict(self.http("intake", "POST", path, headers=headers, query=query, body=data))

    def attachment(self, number: str, ordinal: int) -> Download:
        """A file."""
        path = f"/petitions/{_p(number)}/attachments/{ordinal}"
        return self._file("intake", path)

    def receptions(self) -> list[dict[str, Any]]:
        """The sessions that the officer's office holds or takes part in."""
        return list(self._get("intake", "/receptions")["receptions"])

    def reception(self, number: str) -> dict[str, Any]:
        """One session, and those of its petitions that the officer may see."""
        return self._get("intake", f"/receptions/{_p(number)}")

    def reception_days(self) -> list[dict[str, Any]]:
        """What is published of the sessions to come."""
        return list(self._get("intake", "/reception-days")["receptions"])

    def plan(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A new session."""
        return self._command("intake", "/receptions", body, key)

    def change(self, number: str, body: dict[str, Any], key: str, seen: str) -> dict[str, Any]:
        """A session as it is planned now."""
        return self._command("intake", f"/receptions/{_p(number)}", body, key, seen)

    def receive(self, number: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A petition was brought to a session; what was agreed."""
        return self._command("intake", f"/petitions/{_p(number)}/reception", body, key)

    def follow_up(self, number: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Whether what was agreed was done."""
        path = f"/petitions/{_p(number)}/reception/follow-up"
        return self._command("intake", path, body, key)

    def repeats(self, number: str) -> list[dict[str, Any]]:
        """Earlier petitions of the same persons: suggestions."""
        return list(self._get("intake", f"/petitions/{_p(number)}/repeats")["candidates"])

    def titles(self, numbers: list[str]) -> dict[str, dict[str, str]]:
        """Title and masked name by number, for the rows of a page."""
        return dict(self._post("intake", "/titles", {"numbers": numbers})["titles"])

    def search(self, wanted: dict[str, str]) -> dict[str, Any]:
        """Numbers by words or person, and whether there are too many of them."""
        return self._post("intake", "/search", dict(wanted))

    def petitioner_token(self, number: str, code: str) -> dict[str, Any]:
        """A token for one petition against number and query code."""
        return self._post("intake", "/petitioner-tokens", {"number": number, "code": code})

    # -- routing ---------------------------------------------------------------------------------

    def matter(self, number: str) -> dict[str, Any]:
        """Place, office and the rules that named them."""
        return self._get("routing", f"/petitions/{_p(number)}")

    def triage(self, after: str | None = None) -> dict[str, Any]:
        """What waits for a person's choice."""
        return self._get("routing", "/triage", {"after": after} if after else {})

    def locate(
        self, number: str, division: str, alias: str | None, key: str, seen: str
    ) -> dict[str, Any]:
        """Sets the place of the matter; `alias` is what its text calls it."""
        body = {"division": division} | ({"alias": alias} if alias else {})
        return self._command("routing", f"/petitions/{_p(number)}/location", body, key, seen)

    def assign(self, number: str, body: dict[str, Any], key: str, seen: str) -> dict[str, Any]:
        """Names the office that must answer."""
        return self._command("routing", f"/petitions/{_p(number)}/assignment", body, key, seen)

    def offices(self) -> list[dict[str, Any]]:
        """The directory of offices."""
        return list(self._get("routing", "/offices")["offices"])

    def abolish(self, office: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Ends a body in favour of its successors."""
        return self._command("routing", f"/offices/{_p(office)}/abolition", body, key)

    def take_file(self, what: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Takes a file of `offices` or `rules` over."""
        return self._command("routing", f"/{what}", body, key)

    def file(self, what: str, format_: str) -> dict[str, Any]:
        """The directory or the rules as a file in base64."""
        return self._get("routing", f"/{what}/file", {"format": format_})

    def places(self, text: str, about: str | None) -> dict[str, Any]:
        """What a text says of its place, to the office of whoever asks; the text is not kept."""
        return self._post("routing", "/places", {"text": text, "complained_about": about})

    def aliases(self) -> list[dict[str, Any]]:
        """The names that the site keeps itself."""
        return list(self._get("routing", "/aliases")["aliases"])

    def end_alias(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A name of the site's own is not read any more."""
        return self._command("routing", "/aliases/ending", body, key)

    def rules(self) -> dict[str, Any]:
        """The site's rules of competence, and what became of what they placed."""
        return self._get("routing", "/rules")

    def competence(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """Which office would have to answer."""
        given = {name: value for name, value in asked.items() if value}
        return self._get("routing", "/competence", given)

    def divisions(self) -> list[dict[str, Any]]:
        """The site's divisions."""
        return list(self._get("routing", "/divisions")["divisions"])

    def categories(self) -> list[dict[str, Any]]:
        """The content categories."""
        return list(self._get("routing", "/categories")["categories"])

    # -- supervision -----------------------------------------------------------------------------

    def desk(self) -> dict[str, Any]:
        """What waits for the officer's office."""
        return self._get("supervision", "/desk")

    def cases(self, filters: dict[str, str]) -> dict[str, Any]:
        """One page of the list of cases."""
        return self._get("supervision", "/cases", filters)

    def case(self, number: str) -> dict[str, Any]:
        """State, steps, duties, opinion."""
        return self._get("supervision", f"/cases/{_p(number)}")

    def duties(self, number: str) -> list[dict[str, Any]]:
        """Every duty of a case, explained day by day."""
        return list(self._get("supervision", f"/cases/{_p(number)}/duties")["duties"])

    def orders(self, state: str) -> list[dict[str, Any]]:
        """督办台账: orders, reports, proposals."""
        return list(self._get("supervision", "/orders", {"state": state})["orders"])

    def affair(self, number: str) -> dict[str, Any]:
        """What is owed about no one petition."""
        return self._get("supervision", f"/affairs/{_p(number)}")

    def affair_duties(self, number: str) -> list[dict[str, Any]]:
        """Its duties, explained day by day."""
        return list(self._get("supervision", f"/affairs/{_p(number)}/duties")["duties"])

    def step(
        self, service: str, path: str, body: dict[str, Any], key: str, seen: str
    ) -> dict[str, Any]:
        """One step of the procedure (console.steps)."""
        return self._command(service, path, body, key, seen)

    def paper(self, number: str, ordinal: int) -> Download:
        """A printed paper."""
        return self._file("supervision", f"/cases/{_p(number)}/papers/{ordinal}")

    def papers(self, wanted: dict[str, str]) -> dict[str, Any]:
        """The register of papers of one kind and year."""
        return self._get("supervision", "/papers", wanted)

    def forms(self, service: str) -> list[dict[str, Any]]:
        """The forms of the officer's office: of papers (supervision), of reports (stats)."""
        return list(self._get(service, "/templates")["templates"])

    def form(self, service: str, kind: str, shipped: bool) -> Download:
        """The form that something is printed on; `shipped`: the one that came with the software."""
        query = "?shipped=true" if shipped else ""
        return self._file(service, f"/templates/{_p(kind)}{query}")

    def put_form(self, service: str, kind: str, content: str, key: str) -> dict[str, Any]:
        """Puts a form in its place; base64."""
        return self._command(service, f"/templates/{_p(kind)}", {"content": content}, key)

    def end_form(self, service: str, kind: str, key: str) -> dict[str, Any]:
        """Gives an office's own form up."""
        return self._command(service, f"/templates/{_p(kind)}/ending", None, key)

    def limits(self) -> list[dict[str, Any]]:
        """Every limit, and the site's own versions."""
        return list(self._get("supervision", "/limits")["limits"])

    def calendar(self, year: int) -> dict[str, Any]:
        """The days of a year that are not what their weekday says."""
        return self._get("supervision", "/calendar", {"year": str(year)})

    def take(self, what: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Takes a file of limits or of the calendar over."""
        return self._command("supervision", f"/{what}", body, key)

    # -- stats -----------------------------------------------------------------------------------

    def today(self) -> dict[str, Any]:
        """Today's figures."""
        return self._get("stats", "/figures/today")

    def counts(self, query: dict[str, str]) -> dict[str, Any]:
        """A measure over a period, grouped."""
        return self._get("stats", "/counts", query)

    def indicators(self) -> list[dict[str, Any]]:
        """Every figure that can be asked for, with its definition."""
        return list(self._get("stats", "/indicators")["indicators"])

    def returns(self, month: str) -> dict[str, Any]:
        """Every office's monthly return, their sum, and who has not reported."""
        return self._get("stats", "/returns", {"month": month})

    def returns_sum(self, query: dict[str, str]) -> dict[str, Any]:
        """The returns of several months in one, compared."""
        return self._get("stats", "/returns/sum", query)

    def monthly_return(self, office: str, month: str) -> dict[str, Any]:
        """One office's."""
        return self._get("stats", f"/returns/{_p(office)}", {"month": month})

    def return_step(self, office: str, step: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Draws up, corrects or signs a monthly return."""
        return self._command("stats", f"/returns/{_p(office)}/{_p(step)}", body, key)

    def figures(self, query: dict[str, str]) -> dict[str, Any]:
        """A count or an indicator over a period, compared."""
        return self._get("stats", "/figures", query)

    def figure_cases(self, query: dict[str, str]) -> dict[str, Any]:
        """One page of the cases behind a figure."""
        return self._get("stats", "/figures/cases", query)

    def figure_file(self, query: dict[str, str]) -> Download:
        """All of them as a file."""
        return self._file("stats", f"/figures/cases/file?{urlencode(query)}")

    def schemes(self) -> list[dict[str, Any]]:
        """Every 考核办法 with its criteria."""
        return list(self._get("stats", "/schemes")["schemes"])

    def scheme_file(self, id: str, format_: str) -> Download:
        """One as a file."""
        return self._file("stats", f"/schemes/{_p(id)}/file?{urlencode({'format': format_})}")

    def assessments(self) -> list[dict[str, Any]]:
        """Every assessment, the newest first."""
        return list(self._get("stats", "/assessments")["assessments"])

    def assessment(self, id: str) -> dict[str, Any]:
        """One as a table."""
        return self._get("stats", f"/assessments/{_p(id)}")

    def assessment_file(self, id: str) -> Download:
        """The table as a workbook."""
        return self._file("stats", f"/assessments/{_p(id)}/file")

    def score_sheet(self, id: str, office: str) -> dict[str, Any]:
        """One office's sheet."""
        return self._get("stats", f"/assessments/{_p(id)}/offices/{_p(office)}")

    def assess(self, *path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Opens an assessment; or a step of one: its id and `advance`, or its id, `offices`, an office, `self`."""
        there = "".join(f"/{_p(part)}" for part in path)
        return self._command("stats", f"/assessments{there}", body, key)

    def take_scheme(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Takes a 考核办法 over."""
        return self._command("stats", "/schemes", body, key)

    def topics(self, query: dict[str, str]) -> dict[str, Any]:
        """Matters by how often they come, with their trend."""
        return self._get("stats", "/topics", query)

    def reports(self, year: str) -> list[dict[str, Any]]:
        """The reports of a year."""
        return list(self._get("stats", "/reports", {"year": year})["reports"])

    def report(self, office: str, period: str) -> dict[str, Any]:
        """One report: figures, words, files."""
        return self._get("stats", f"/reports/{_p(office)}", {"period": period})

    def report_file(self, office: str, query: dict[str, str]) -> Download:
        """A report as DOCX or XLSX."""
        return self._file("stats", f"/reports/{_p(office)}/file?{urlencode(query)}")

    def draw_report(self, office: str, period: str, key: str) -> dict[str, Any]:
        """Draws a report up, or up again."""
        return self._command("stats", f"/reports/{_p(office)}/drawing", {"period": period}, key)

    def add_to_report(self, office: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """补充内容 of a report, as it was seen."""
        return self._command("stats", f"/reports/{_p(office)}/addition", body, key)

    def issue_report(self, office: str, period: str, version: int, key: str) -> dict[str, Any]:
        """Issues a report as it was seen."""
        body = {"period": period, "version": version}
        return self._command("stats", f"/reports/{_p(office)}/issue", body, key)

    def narrative(self, office: str, period: str) -> list[str]:
        """Paragraphs about a period."""
        query = {"period": period}
        return list(self._get("stats", f"/reports/{_p(office)}/narrative", query)["paragraphs"])

    def bulletins(self, office: str, year: str) -> dict[str, Any]:
        """An office's series, and its bulletins of a year."""
        return self._get("stats", "/bulletins", {"office": office, "year": year})

    def bulletin(self, id: str) -> dict[str, Any]:
        """One bulletin with its text."""
        return self._get("stats", f"/bulletins/{_p(id)}")

    def bulletin_file(self, id: str) -> Download:
        """A bulletin as DOCX."""
        return self._file("stats", f"/bulletins/{_p(id)}/file")

    def begin_series(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A new series of bulletins."""
        return self._command("stats", "/bulletins/series", body, key)

    def draft_bulletin(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A bulletin's first text."""
        return self._command("stats", "/bulletins", body, key)

    def bulletin_step(self, id: str, step: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Changes, issues or voids a bulletin."""
        return self._command("stats", f"/bulletins/{_p(id)}/{_p(step)}", body, key)

    # -- sending ---------------------------------------------------------------------------------

    def _get(self, service: str, path: str, query: dict[str, str] | None = None) -> dict[str, Any]:
        return dict(self.http(service, "GET", path, headers=self._headers(), query=query))

    def _file(self, service: str, path: str) -> Download:
        return self.http.download(service, path, headers=self._headers())

    def _post(self, service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(self.http(service, "POST", path, headers=self._headers(), body=body))

    def _command(
        self, service: str, path: str, body: dict[str, Any] | None, key: str, seen: str = ""
    ) -> dict[str, Any]:
        headers = self._headers() | {"Idempotency-Key": key}
        if seen:
            headers["Petition-Seen"] = seen
        return dict(self.http(service, "POST", path, headers=headers, body=body))

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.trace:
            headers["traceparent"] = self.trace
        return headers


def _p(text: str) -> str:
    """A number as one piece of a path."""
    return quote(text, safe="")
