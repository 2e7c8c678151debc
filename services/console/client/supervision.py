"""Supervision's routes: cases, duties, papers."""

from __future__ import annotations

from typing import Any

from console.client.network import Download
from console.client.sending import Sending, piece


class Supervision(Sending):
    """Supervision's routes: cases, duties, papers."""

    def desk(self) -> dict[str, Any]:
        """What waits for the officer's office."""
        return self._get("supervision", "/desk")

    def cases(self, filters: dict[str, str]) -> dict[str, Any]:
        """One page of the list of cases."""
        return self._get("supervision", "/cases", filters)

    def case(self, number: str) -> dict[str, Any]:
        """State, steps, duties, opinion."""
        return self._get("supervision", f"/cases/{piece(number)}")

    def duties(self, number: str) -> list[dict[str, Any]]:
        """Every duty of a case, explained day by day."""
        return list(self._get("supervision", f"/cases/{piece(number)}/duties")["duties"])

    def orders(self, state: str) -> list[dict[str, Any]]:
        """督办台账: orders, reports, proposals."""
        return list(self._get("supervision", "/orders", {"state": state})["orders"])

    def affair(self, number: str) -> dict[str, Any]:
        """What is owed about no one petition."""
        return self._get("supervision", f"/affairs/{piece(number)}")

    def affair_duties(self, number: str) -> list[dict[str, Any]]:
        """Its duties, explained day by day."""
        return list(self._get("supervision", f"/affairs/{piece(number)}/duties")["duties"])

    def step(
        self, service: str, path: str, body: dict[str, Any], key: str, seen: str
    ) -> dict[str, Any]:
        """One step of the procedure (console.steps)."""
        return self._command(service, path, body, key, seen)

    def paper(self, number: str, ordinal: int) -> Download:
        """A printed paper."""
        return self._file("supervision", f"/cases/{piece(number)}/papers/{ordinal}")

    def papers(self, wanted: dict[str, str]) -> dict[str, Any]:
        """The register of papers of one kind and year."""
        return self._get("supervision", "/papers", wanted)

    def forms(self, service: str) -> list[dict[str, Any]]:
        """The forms of the officer's office: of papers (supervision), of reports (stats)."""
        return list(self._get(service, "/templates")["templates"])

    def form(self, service: str, kind: str, shipped: bool) -> Download:
        """The form that something is printed on; `shipped`: the one that came with the software."""
        query = "?shipped=true" if shipped else ""
        return self._file(service, f"/templates/{piece(kind)}{query}")

    def put_form(self, service: str, kind: str, content: str, key: str) -> dict[str, Any]:
        """Puts a form in its place; base64."""
        return self._command(service, f"/templates/{piece(kind)}", {"content": content}, key)

    def end_form(self, service: str, kind: str, key: str) -> dict[str, Any]:
        """Gives an office's own form up."""
        return self._command(service, f"/templates/{piece(kind)}/ending", None, key)

    def limits(self) -> list[dict[str, Any]]:
        """Every limit, and the site's own versions."""
        return list(self._get("supervision", "/limits")["limits"])

    def calendar(self, year: int) -> dict[str, Any]:
        """The days of a year that are not what their weekday says."""
        return self._get("supervision", "/calendar", {"year": str(year)})

    def take(self, what: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Takes a file of limits or of the calendar over."""
        return self._command("supervision", f"/{what}", body, key)
