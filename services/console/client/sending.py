"""How routes are called on behalf of whoever is at the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from console.client.network import Download, Http


@dataclass(frozen=True)
class Sending:
    """One actor's token, and the pieces that the services' routes are called with."""

    http: Http
    token: str | None = field(default=None, repr=False)
    trace: str = ""

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


def piece(text: str) -> str:
    """A number as one piece of a path."""
    return quote(text, safe="")
