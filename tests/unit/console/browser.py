"""A browser of the simplest kind: cookies by path, redirects, forms. Against memory or a network."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from urllib3 import encode_multipart_formdata
from werkzeug.http import parse_cookie

from kit.http import Client
from tests.unit.console.fakes import FakeServices

URLENCODED = "application/x-www-form-urlencoded"


@dataclass
class Page:
    """What came back."""

    status: int
    headers: Any
    text: str

    @property
    def words(self) -> str:
        """The text a reader sees."""
        bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", self.text, flags=re.S)
        return re.sub(r"\s+", " ", html.unescape(bare))

    @property
    def twice(self) -> set[str]:
        """Ids that more than one element has: a label or a link would lead to the wrong one."""
        found = Counter(re.findall(r'<[^>]* id="([^"]*)"', self.text))
        return {name for name, n in found.items() if n > 1}

    def field(self, name: str) -> str:
        """The value of a hidden or other input."""
        found = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*value="([^"]*)"', self.text)
        assert found, f"no field {name} on the page"
        return html.unescape(found[1])


@dataclass
class Browser:
    """Keeps cookies by path, follows 303, sends forms."""

    client: Client
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)
    last: Page | None = None

    def get(self, path: str, follow: bool = True) -> Page:
        return self._send("GET", path, follow=follow)

    def post(
        self, path: str, follow: bool = True, files: Sequence[tuple[str, bytes]] = (), **fields: str
    ) -> Page:
        """Sends a form; hidden fields of the page before are taken along where not given."""
        named = {name.replace("__", "."): value for name, value in fields.items()}
        for name in ("csrf", "key", "seen"):
            if name not in named and self.last and f'name="{name}"' in self.last.text:
                named[name] = self.last.field(name)
        if files:
            sent = [*named.items(), *(("files", (name, data)) for name, data in files)]
            return self._send("POST", path, *encode_multipart_formdata(sent), follow=follow)
        return self._send("POST", path, urlencode(named).encode(), URLENCODED, follow)

    def fetch(self, path: str) -> Any:
        """What lies at an address, as it came: no page."""
        return self.client.request("GET", path, headers=self._headers(path))

    def _headers(self, path: str) -> dict[str, str]:
        bare = path.partition("?")[0]
        sent = [f"{n}={v}" for n, (v, at) in self.cookies.items() if bare.startswith(at)]
        return {"cookie": "; ".join(sent), "accept": "text/html"}

    def _send(
        self, method: str, path: str, body: bytes = b"", kind: str = "", follow: bool = True
    ) -> Page:
        headers = self._headers(path)
        if body:
            headers["content-type"] = kind
        result = self.client.request(method, path.partition("#")[0], body=body, headers=headers)
        for name, value in result.headers.items():
            if name.lower() == "set-cookie":
                self._keep(value)
        page = Page(result.status, result.headers, result.body.decode())
        assert not page.twice, f"ids that are on {path} twice"
        if follow and page.status == 303:
            return self._send("GET", result.headers["location"])
        self.last = page
        return page

    def _keep(self, text: str) -> None:
        (name, value), *_ = parse_cookie(text.partition(";")[0]).items()
        path = re.search(r"Path=([^;]*)", text)
        assert path and "HttpOnly" in text and "SameSite=Strict" in text
        if "Max-Age=0" in text:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = (value, path[1])


@dataclass
class Desk:
    """The console and what stands behind it."""

    client: Client
    app: Any
    services: FakeServices
    passwords: dict[str, str]

    def browser(self, login: str = "") -> Browser:
        """A browser, logged in where a login is given."""
        browser = Browser(self.client)
        if login:
            browser.get("/login")
            page = browser.post("/login", login=login, password=self.passwords[login])
            assert page.status == 200, page.words
        return browser
