"""The register's routes."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import quote

from console.client.network import Download
from console.client.sending import Sending, piece


class Intake(Sending):
    """The register's routes."""

    def register(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Registers a petition: number, query_code, sequence."""
        return self._command("intake", "/petitions", body, key)

    def suggestions(self, text: str, type_: str | None) -> list[dict[str, Any]]:
        """Categories that a text seems to be about, and the words that say so."""
        answer = self._post("intake", "/categories/suggestions", {"text": text, "type": type_})
        return list(answer["suggestions"])

    def petition(self, number: str) -> dict[str, Any]:
        """Title, text, masked people, rating."""
        return self._get("intake", f"/petitions/{piece(number)}")

    def people(self, number: str, reason: str) -> list[dict[str, Any]]:
        """The people in clear; the reason is logged."""
        answer = self._post("intake", f"/petitions/{piece(number)}/identity", {"reason": reason})
        return list(answer["people"])

    def timeline(self, number: str) -> list[dict[str, Any]]:
        """Every step of every service, oldest first."""
        return list(self._get("intake", f"/petitions/{piece(number)}/timeline")["entries"])

    def rate(self, number: str, body: dict[str, Any], key: str, seen: str) -> dict[str, Any]:
        """The petitioner's rating."""
        return self._command("intake", f"/petitions/{piece(number)}/rating", body, key, seen)

    def attach(
        self, number: str, name: str, data: BytesIO, identity: bool, key: str
    ) -> dict[str, Any]:
        """Adds a file, sent as it is read; its name travels in a header, percent-encoded."""
        said = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        headers = self._headers() | {"Idempotency-Key": key, "Content-Disposition": said}
        path = f"/petitions/{piece(number)}/attachments"
        query = {"identity": "true"} if identity else None
        return dict(self.http("intake", "POST", path, headers=headers, query=query, body=data))

    def attachment(self, number: str, ordinal: int) -> Download:
        """A file."""
        path = f"/petitions/{piece(number)}/attachments/{ordinal}"
        return self._file("intake", path)

    def receptions(self) -> list[dict[str, Any]]:
        """The sessions that the officer's office holds or takes part in."""
        return list(self._get("intake", "/receptions")["receptions"])

    def reception(self, number: str) -> dict[str, Any]:
        """One session, and those of its petitions that the officer may see."""
        return self._get("intake", f"/receptions/{piece(number)}")

    def reception_days(self) -> list[dict[str, Any]]:
        """What is published of the sessions to come."""
        return list(self._get("intake", "/reception-days")["receptions"])

    def plan(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A new session."""
        return self._command("intake", "/receptions", body, key)

    def change(self, number: str, body: dict[str, Any], key: str, seen: str) -> dict[str, Any]:
        """A session as it is planned now."""
        return self._command("intake", f"/receptions/{piece(number)}", body, key, seen)

    def receive(self, number: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A petition was brought to a session; what was agreed."""
        return self._command("intake", f"/petitions/{piece(number)}/reception", body, key)

    def follow_up(self, number: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Whether what was agreed was done."""
        path = f"/petitions/{piece(number)}/reception/follow-up"
        return self._command("intake", path, body, key)

    def repeats(self, number: str) -> list[dict[str, Any]]:
        """Earlier petitions of the same persons: suggestions."""
        return list(self._get("intake", f"/petitions/{piece(number)}/repeats")["candidates"])

    def titles(self, numbers: list[str]) -> dict[str, dict[str, str]]:
        """Title and masked name by number, for the rows of a page."""
        return dict(self._post("intake", "/titles", {"numbers": numbers})["titles"])

    def search(self, wanted: dict[str, str]) -> dict[str, Any]:
        """Numbers by words or person, and whether there are too many of them."""
        return self._post("intake", "/search", dict(wanted))

    def petitioner_token(self, number: str, code: str) -> dict[str, Any]:
        """A token for one petition against number and query code."""
        return self._post("intake", "/petitioner-tokens", {"number": number, "code": code})
