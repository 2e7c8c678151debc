"""A request's way from the door to the method and back, without a socket."""

from collections.abc import Iterator
from typing import Any, ClassVar

import eventlet
import orjson
import pytest
from marshmallow import Schema, fields, validate
from nameko.containers import ServiceContainer
from werkzeug.wrappers import Response

from kit.http import Answer, Client, Ops, Request, admission, page, readiness, route, spec_for
from kit.http.request import trace_of
from kit.http.wire import Headers
from kit.identity import PUBLIC, STAFF, Actor, Scope
from kit.problems import Problem

OFFICER = Actor("officer", "o1", "330282001", frozenset({"clerk"}))
NOBODY = Scope("nobody", frozenset())
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
COMMAND = {"authorization": "Bearer officer", "idempotency-key": "k1"}


class Authenticator:
    def actor(self, header: str | None) -> Actor:
        if header is None:
            return Actor("public", "public")
        if header == "Bearer officer":
            return OFFICER
        raise Problem(401, "token-invalid", "无效", "invalid")


class Accept(Schema):
    text = fields.String(required=True, validate=validate.Length(max=5))
    count = fields.Integer(strict=True)


class Listing(Schema):
    status = fields.String()
    office = fields.List(fields.String())


class Accepted(Schema):
    number = fields.String(required=True)
    sequence = fields.String()


class Refusal(Exception):
    rule, zh, en, article = "too-late", "已过期限。", "Too late.", "第三十条"


class Desk(Ops):
    """A desk for tests."""

    name = "desk.web"
    seen: ClassVar[list[Request]] = []

    @route(
        "POST", "/petitions/<number>/acceptance", body=Accept, out=Accepted, scope=STAFF,
        command=True, limit=200, status=201, tags=("cases",),
    )  # fmt: skip
    def accept(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """Accept a petition.

        More words that are no summary.
        """
        self.seen.append(request)
        if body["text"] == "wrong":
            return {"nothing": 1}
        return {"number": number, "sequence": "desk:3"}

    @route("GET", "/cases", query=Listing, scope=PUBLIC)
    def cases(self, request: Request) -> dict[str, Any]:
        return request.query

    @route("GET", "/plain/<int:size>", scope=PUBLIC)
    def plain(self, request: Request, size: int) -> Answer:
        return Answer({"size": size}, 202, {"X-More": "1"})

    @route("POST", "/empty", scope=PUBLIC)
    def empty(self, request: Request) -> None:
        self.seen.append(request)

    @route("GET", "/fail/<kind>", scope=PUBLIC)
    def fail(self, request: Request, kind: str) -> dict[str, Any]:
        if kind == "time":
            raise eventlet.Timeout(1)
        raise {"domain": Refusal, "fault": ValueError}[kind]("secret")

    @route("GET", "/nobody", scope=NOBODY)
    def nobody(self, request: Request) -> None:
        raise AssertionError("never reached")

    @route("GET", "/file", scope=PUBLIC)
    def file(self, request: Request) -> Response:
        return Response(iter([b"a", b"b"]), headers={"Cache-Control": "max-age=1"})

    @route("POST", "/upload", scope=STAFF, command=True, raw=True, limit=2 << 20)
    def upload(self, request: Request) -> dict[str, Any]:
        self.seen.append(request)
        return {"size": len(request.raw)}

    @page("GET,POST", "/page", scope=PUBLIC)
    def front(self, request: Request) -> str:
        self.seen.append(request)
        return f"<p>{request.form.get('a')}</p>"

    @page("GET", "/staff-page", scope=STAFF)
    def staff_page(self, request: Request) -> str:
        return ""

    @staticmethod
    def on_problem(problem: Problem, request: Request | None) -> str:
        return f"<h1>{problem.status}</h1>"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    config = {"HTTP_ADDRESS": "", "AUTHENTICATOR": Authenticator(), "CHECK_ANSWERS": True}
    container = ServiceContainer(Desk, config)
    container.start()
    yield Client(container)
    container.stop()


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    Desk.seen.clear()
    yield
    assert admission.in_flight == 0


def accept(client: Client, json: Any, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    merged = COMMAND | {"content-type": "application/json"} | named
    body = json if isinstance(json, bytes) else orjson.dumps(json)
    return client.request(
        "POST",
        "/petitions/33/acceptance",
        body=body,
        headers={k: v for k, v in merged.items() if v},
    )


def test_a_command(client: Client):
    result = accept(client, {"text": "ok"}, petition_seen="routing:5 intake:3", traceparent=TRACE)
    assert result.status == 201 and result.json == {"number": "33", "sequence": "desk:3"}
    assert result.headers["Petition-Sequence"] == "desk:3"
    assert result.headers["Cache-Control"] == "no-store"
    (request,) = Desk.seen
    assert request.actor == OFFICER and request.idempotency_key == "k1"
    assert request.seen == {"routing": 5, "intake": 3} and len(request.body_hash) == 32
    assert request.route == "/petitions/<number>/acceptance"
    assert request.trace[:36] == TRACE[:36] and request.trace[36:52] != "b" * 16


def test_body_hash_tells_bodies_and_paths_apart(client: Client):
    accept(client, {"text": "a"})
    accept(client, {"text": "b"})
    accept(client, {"text": "a"})
    one, two, three = (request.body_hash for request in Desk.seen)
    assert one == three != two


@pytest.mark.parametrize(
    ("json", "headers", "status", "field"),
    [
        ({"text": "ok"}, {"authorization": ""}, 401, None),
        ({"text": "ok"}, {"authorization": "Bearer x"}, 401, None),
        ({"text": "ok"}, {"idempotency_key": ""}, 400, "Idempotency-Key"),
        ({"text": "ok"}, {"idempotency_key": "k" * 129}, 400, "Idempotency-Key"),
        ({"text": "ok"}, {"idempotency_key": "schlüssel"}, 400, "Idempotency-Key"),
        ({"text": "ok"}, {"petition_seen": "routing=5"}, 400, "Petition-Seen"),
        ({"text": "ok"}, {"content_type": "text/plain"}, 415, "Content-Type"),
        ({"text": "ok"}, {"content_type": "application/json; charset=gbk"}, 415, "Content-Type"),
        (b"{", {}, 400, None),
        (b"\xff\xfe", {}, 400, None),
        (b"", {}, 400, None),
        (b"[" * 5000, {}, 413, None),
        (b"[" * 150, {}, 400, None),
        ([], {}, 422, ""),
        ({}, {}, 422, "text"),
        ({"text": "too long"}, {}, 422, "text"),
        ({"text": "a\x00"}, {}, 422, "text"),
        ({"text": "ok", "more": 1}, {}, 422, "more"),
        ({"text": "ok", "count": "1"}, {}, 422, "count"),
    ],
)
def test_what_is_wrong_with_a_command(
    client: Client, json: Any, headers: dict[str, str], status: int, field: str | None
):
    result = accept(client, json, **headers)
    assert result.status == status and Desk.seen == []
    assert result.headers["content-type"] == "application/problem+json"
    body = result.json
    assert body["detail"] and body["detail_en"] and body["instance"].startswith("urn:trace:")
    if field is not None:
        assert [error["field"] for error in body["errors"]] == [field]


def test_json_with_its_charset_named(client: Client):
    content_type = "application/json; charset=UTF-8"
    assert accept(client, {"text": "ok"}, content_type=content_type).status == 201


def test_an_escaped_backslash_is_no_nul(client: Client):
    assert accept(client, b'{"text": "\\\\u0000"}').status == 422  # six characters: too long
    assert accept(client, b'{"text": "a", "count": 1}').status == 201


def test_scope(client: Client):
    assert client.get("/nobody").status == 401
    assert client.get("/nobody", authorization="Bearer officer").status == 403


def test_queries(client: Client):
    assert client.get("/cases?status=a&office=1&office=2").json == {
        "status": "a", "office": ["1", "2"],
    }  # fmt: skip
    assert client.get("/cases").json == {}
    assert client.get("/cases?stauts=a").json["errors"][0]["field"] == "stauts"
    assert client.get("/cases?status=a&status=b").status == 422
    assert client.get("/cases?status=%00").status == 400
    assert client.get("/cases?status=%FF").status == 400
    assert client.get("/plain/3?x=1").status == 422


def test_answers(client: Client):
    result = client.get("/plain/3")
    assert result.status == 202 and result.json == {"size": 3} and result.headers["X-More"] == "1"
    result = client.get("/file")
    assert result.body == b"ab" and result.headers["cache-control"] == "max-age=1"
    result = client.post("/empty")
    assert result.status == 204 and result.body == b""


def test_an_unexpected_body(client: Client):
    assert client.post("/empty", {}).status == 204
    assert client.post("/empty", {"a": 1}).status == 400


def test_failures(client: Client):
    result = client.get("/fail/domain")
    assert result.status == 409
    assert result.json["rule"] == "too-late" and result.json["article"] == "第三十条"
    for kind in ("fault", "time"):
        result = client.get(f"/fail/{kind}")
        assert result.status == 500 and b"secret" not in result.body


def test_an_answer_unlike_its_schema_is_an_error_in_tests(client: Client):
    assert accept(client, {"text": "wrong"}).status == 500


def test_paths_and_methods(client: Client):
    assert client.get("/none").status == 404
    result = client.request("DELETE", "/cases")
    assert result.status == 405 and result.headers["Allow"] == "GET, HEAD"


def test_a_full_house(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(admission, "limit", 0)
    result = client.get("/cases")
    assert result.status == 429 and result.headers["Retry-After"] == "1"
    assert client.get("/live").status == 200


def test_a_long_outbox_keeps_commands_away_only(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(admission, "hook", lambda: 5)
    result = accept(client, {"text": "ok"})
    assert result.status == 429 and result.headers["Retry-After"] == "5"
    assert client.get("/cases").status == 200


def test_pages(client: Client):
    form = {"content-type": "application/x-www-form-urlencoded", "cookie": "s=1"}
    result = client.request("POST", "/page?b=2", body=b"a=%E6%9D%8E", headers=form)
    assert result.status == 200 and result.body.decode() == "<p>李</p>"
    assert Desk.seen[0].cookies["s"] == "1" and Desk.seen[0].query == {"b": "2"}
    assert client.request("POST", "/page", body=b"a=%00", headers=form).status == 400
    assert client.post("/page", {"a": 1}).status == 415


def test_a_route_takes_a_file_as_it_is(client: Client):
    sent = bytes(range(256)) * 5000  # more than a body has elsewhere
    result = client.request("POST", "/upload", body=sent, headers=COMMAND)
    assert result.json == {"size": len(sent)}
    assert Desk.seen[0].raw == sent and len(Desk.seen[0].body_hash) == 32
    body = spec_for(Desk)["paths"]["/upload"]["post"]["requestBody"]
    assert list(body["content"]) == ["application/octet-stream"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"authorization": "Bearer x"}, 401), ({"authorization": "Bearer officer"}, 400),
     (COMMAND, 413)],
)  # fmt: skip
def test_whoever_sends_much_is_known_before_it_is_received(
    client: Client, headers: dict[str, str], status: int
):
    """No token, a wrong one, no key: told before the size; only then is the body looked at."""
    result = client.request("POST", "/upload", body=bytes((2 << 20) + 1), headers=headers)
    assert result.status == status and Desk.seen == []


def test_a_page_takes_files(client: Client):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    client.request("POST", "/page", body=body, headers=headers)
    upload = Desk.seen[0].files["f"]
    assert (upload.filename, upload.read()) == ("a.txt", b"hello")


def test_problems_of_pages_are_pages(client: Client):
    result = client.get("/staff-page")
    assert result.status == 401 and result.body == b"<h1>401</h1>"
    assert client.get("/none", accept="text/html,*/*").body == b"<h1>404</h1>"
    assert client.get("/none").headers["content-type"] == "application/problem+json"


def test_the_clients_address_behind_a_proxy(client: Client):
    client.request("POST", "/empty", headers={"x-forwarded-for": "10.0.0.9, 192.0.2.7"})
    assert Desk.seen[0].remote == "192.0.2.7"


def test_ready_names_what_is_missing(client: Client):
    assert client.get("/ready").status == 200
    readiness.register("database", lambda: True)
    readiness.register("broker", lambda: False)
    readiness.register("disk", lambda: 1 / 0)
    try:
        result = client.get("/ready")
    finally:
        for name in ("database", "broker", "disk"):
            readiness.forget(name)
    assert result.status == 503
    assert [error["field"] for error in result.json["errors"]] == ["broker", "disk"]


def test_metrics_know_templates_only(client: Client):
    client.get("/fail/domain")
    text = client.get("/metrics").body.decode()
    line = 'petition_http_requests_total{route="/fail/<kind>",service="desk",status="409"}'
    assert line in text and "/fail/domain" not in text


def test_openapi(client: Client):
    spec = client.get("/openapi.json").json
    assert spec == spec_for(Desk) and spec["openapi"] == "3.1.0"
    operation = spec["paths"]["/petitions/{number}/acceptance"]["post"]
    assert operation["summary"] == "Accept a petition." and operation["tags"] == ["cases"]
    assert operation["security"] == [{"token": []}] and operation["x-scope"] == "staff"
    names = [parameter.get("name") or parameter["$ref"] for parameter in operation["parameters"]]
    assert names == [
        "number",
        "#/components/parameters/IdempotencyKey",
        "#/components/parameters/PetitionSeen",
    ]
    assert set(operation["responses"]) == {"201", "default"}
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Accept"}
    assert "/page" not in spec["paths"] and "/live" in spec["paths"]
    query = spec["paths"]["/cases"]["get"]["parameters"]
    assert {parameter["name"] for parameter in query} == {"status", "office"}
    assert "errors" in spec["components"]["schemas"]["Problem"]["properties"]


def test_a_route_without_a_scope_does_not_start():
    with pytest.raises(TypeError, match="declares no scope"):
        route("GET", "/a")
    with pytest.raises(TypeError, match="declares no scope"):
        page("GET", "/a")


def test_a_method_that_does_not_fit_its_route_does_not_start():
    class Wrong:
        name = "wrong"

        @route("GET", "/a/<number>", scope=PUBLIC)
        def a(self, request: Request) -> None: ...

    container = ServiceContainer(Wrong, {"HTTP_ADDRESS": ""})
    with pytest.raises(TypeError, match="number"):
        container.start()


@pytest.mark.parametrize(
    "given", [None, "", "x", TRACE[:-1], TRACE.replace("a", "0"), "ff" + TRACE[2:]]
)
def test_a_bad_trace_is_replaced(given: str | None):
    headers = Headers() if given is None else Headers(traceparent=given)
    trace = trace_of(headers)
    assert len(trace) == 55 and trace[3:35] not in (given or "")
