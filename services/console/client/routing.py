"""Routing's routes: places, offices, rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from console.client.network import Download
from console.client.sending import Sending, piece


class Routing(Sending):
    """Routing's routes: places, offices, rules."""

    def matter(self, number: str) -> dict[str, Any]:
        """Place, office and the rules that named them."""
        return self._get("routing", f"/petitions/{piece(number)}")

    def triage(self, after: str | None = None) -> dict[str, Any]:
        """What waits for a person's choice."""
        return self._get("routing", "/triage", {"after": after} if after else {})

    def locate(
        self, number: str, division: str, alias: str | None, key: str, seen: str
    ) -> dict[str, Any]:
        """Sets the place of the matter; `alias` is what its text calls it."""
        body = {"division": division} | ({"alias": alias} if alias else {})
        return self._command("routing", f"/petitions/{piece(number)}/location", body, key, seen)

    def assign(self, number: str, body: dict[str, Any], key: str, seen: str) -> dict[str, Any]:
        """Names the office that must answer."""
        return self._command("routing", f"/petitions/{piece(number)}/assignment", body, key, seen)

    def offices(self) -> list[dict[str, Any]]:
        """The directory of offices."""
        return list(self._get("routing", "/offices")["offices"])

    def abolish(self, office: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Ends a body in favour of its successors."""
        return self._command("routing", f"/offices/{piece(office)}/abolition", body, key)

    def take_file(self, what: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Takes a file of `offices` or `rules` over."""
        return self._command("routing", f"/{what}", body, key)

    def file(self, what: str, format_: str) -> Download:
        """The directory or the rules as a file."""
        return self._file("routing", f"/{what}/file?{urlencode({'format': format_})}")

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
