"""督办台账: what offices owe one another, and what is owed about no one petition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from console import listing
from console.app import Console
from console.forms import new_key
from console.pages.case import done_text
from console.steps import STEPS, body, on_orders
from console.visit import Visit
from kit import identity
from kit.http import Request, page
from kit.problems import not_found

URL = "/office/affairs/<number>"
_HERE = "/office/orders"
_YEARLY = ("annual", "assess")


@dataclass(frozen=True)
class Affair:
    """What supervision answered of one affair, as the forms want it."""

    number: str
    affair: dict[str, Any]
    seen: str = ""


class OrderPages:
    """The account book, and the page of an affair."""

    app: Console

    @page("GET", _HERE, scope=identity.STAFF)
    def orders(self, request: Request) -> Response:
        """督办台账: every order, report and proposal within reach, the earliest due first."""
        return _list(Visit(self.app, request))

    @page("POST", f"{_HERE}/do/propose", scope=identity.SUPERVISOR)
    def propose(self, request: Request) -> Response:
        """三项建议."""
        visit = Visit(self.app, request)
        visit.check()
        form = STEPS["propose"]
        sent, key = body(form, visit.text, [], visit.tz), visit.text("key")
        answer, errors = visit.done(
            lambda: visit.calls.step(form.service, form.path, sent, key, ""), form.titles
        )
        if answer is None:
            return _list(visit, "propose", errors, 422)
        return visit.go(f"/office/affairs/{answer['number']}", done="propose")

    @page("GET", URL, scope=identity.STAFF)
    def affair(self, request: Request, number: str) -> Response:
        """One proposal, or one yearly report."""
        return _show(Visit(self.app, request), number)

    @page("GET", f"{URL}/duties", scope=identity.STAFF)
    def affair_duties(self, request: Request, number: str) -> Response:
        """为什么是这一天."""
        visit = Visit(self.app, request)
        found = visit.part(lambda: visit.calls.affair_duties(number)) or []
        return visit.page("duties.html", number=number, duties=found)

    @page("POST", f"{URL}/do/<name>", scope=identity.STAFF)
    def do_affair(self, request: Request, number: str, name: str) -> Response:
        """A step of it; the service checks who may."""
        visit = Visit(self.app, request)
        form = STEPS.get(name)
        if form is None or not form.path.startswith("/affairs/"):
            raise not_found("这一步", "such step")
        visit.check()
        sent, key = body(form, visit.text, [], visit.tz), visit.text("key")
        path, sight = form.path.format(number=quote(number, safe="")), visit.text("seen")
        answer, errors = visit.done(
            lambda: visit.calls.step(form.service, path, sent, key, sight), form.titles
        )
        if answer is None:
            return _show(visit, number, name, errors, 422)
        return visit.go(f"/office/affairs/{number}", done=name)


def _list(
    visit: Visit, tried: str = "", errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    state = "all" if visit.query("state") == "all" else "open"
    orders = visit.part(lambda: visit.calls.orders(state)) or []
    titles = listing.titles(visit, [order["number"] for order in orders], None)
    return visit.page(
        "orders.html",
        status,
        orders=orders,
        titles=titles,
        state=state,
        file=Affair("", {}),
        here=_HERE,
        **_form(visit, tried, errors),
    )


def _show(
    visit: Visit,
    number: str,
    tried: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    found = visit.part(lambda: visit.calls.affair(number))
    if found is None:
        raise not_found("此事项，或您无权查看", "such affair, or it is not yours to see")
    if done := done_text(visit.query("done")):
        visit.notice("done", done)
    kind = found["affair"]["kind"]
    names = {"reply": "sent" if kind in _YEARLY else "feedback", "judge": "judge_feedback", "lift": "lift_proposal"}  # fmt: skip
    steps = on_orders(visit, found["next_steps"])
    return visit.page(
        "affair.html",
        status,
        orders=found["orders"],
        on_orders={round_: [names[name] for name in mine] for round_, mine in steps.items()},
        file=Affair(number, found["affair"], found["sequence"]),
        here=f"/office/affairs/{number}",
        **_form(visit, tried, errors),
    )


def _form(visit: Visit, tried: str, errors: dict[str, str] | None) -> dict[str, Any]:
    """What a form keeps of what was typed before it was refused."""
    return {
        "forms": STEPS,
        "tried": tried,
        "typed": visit.request.form,
        "errors": errors or {},
        "key": visit.text("key") or new_key(),
    }
