"""The people of the county at their pages, and a site whose clock can be moved on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kit import clock
from tests.journey.test_console_journey import Network, register
from tests.people import REASONED
from tests.servers import Servers
from tests.site import Site, fresh_site
from tests.unit.console.browser import Browser, Page

BUREAU, TOWN, LABOUR = "330282-xfj", "330282121-xfb", "330282-rsj"
OPINION = {"outcome": "explained", "opinion": "经调查核实，说明如下。", **REASONED}
OBJECTION = {"reason": "outside_remit", "text": "不属于本单位职责。"}
LOGINS = ("dengji", "fenliu", "ducha", "zhen", "bumen", "juzhang")
FOR_NOW = ("暂时无法", "现在看不到", "尚未到达本服务")
"""What a page says where a service is away, or has not heard yet what the caller has seen."""


@dataclass
class Patient(Browser):
    """Somebody who tries again where a page says that it is for now: the same form, the same key."""

    seconds: float = 0

    def _send(
        self, method: str, path: str, body: bytes = b"", kind: str = "", follow: bool = True
    ) -> Page:
        until = time.monotonic() + self.seconds
        while True:
            page = super()._send(method, path, body, kind, follow)
            if time.monotonic() > until or not any(word in page.words for word in FOR_NOW):
                return page
            time.sleep(0.3)


class Office:
    """The people of the county at their pages.

    Args:
        patience: seconds for which they wait where a service is away; without it a site is expected
            to answer at once, and to bring an event within 15 s.
    """

    def __init__(self, site: Site, patience: float = 0) -> None:
        self.site, self.patience = site, patience
        self.numbers: list[str] = []
        """What was registered, in order."""
        self.at: dict[str, Browser] = {}
        self.log_in()

    def log_in(self) -> None:
        """Everybody comes to the office: at first, and after a night."""
        for login in LOGINS:
            self.at[login] = browser = self.visitor()
            browser.get("/login")
            page = browser.post("/login", login=login, password=self.site.accounts[login])
            assert page.status == 200, page.words

    def beside(self) -> Office:
        """The same people at pages of their own, for another case."""
        other = Office.__new__(Office)
        other.site, other.patience, other.numbers, other.at = self.site, self.patience, [], {}
        other.follow(self)
        return other

    def follow(self, other: Office) -> None:
        """They are logged in as they are at the pages of another case."""
        for login, browser in other.at.items():
            self.at[login] = self.visitor()
            self.at[login].cookies = dict(browser.cookies)

    def visitor(self) -> Browser:
        """A browser of nobody's yet."""
        return Patient(Network(self.site.url("console")), seconds=self.patience)  # type: ignore[arg-type]

    def petitioner(self, number: str, code: str) -> Browser:
        """The petitioner at their own page."""
        visitor = self.visitor()
        visitor.get("/lookup")
        assert visitor.post("/lookup", number=number, code=code).status == 200
        return visitor

    # -- steps -----------------------------------------------------------------------------------

    def comes_in(self, **fields: str) -> tuple[str, str]:
        """A petition at the counter: number and query code."""
        number, code = register(self.at["dengji"], **fields)
        self.numbers.append(number)
        return number, code

    def sends(self, number: str, office: str, method: str = "transfer", **more: str) -> Page:
        """分流, as soon as the petition has come to the desk."""
        self.offered("fenliu", number, "assign")
        fields = {"office": office, "method": method, "was_division": ""} | more
        return self._post("fenliu", number, "assign", **fields)

    def does(self, login: str, number: str, step: str, **fields: str) -> Page:
        """One step on the case page, as soon as it is offered there."""
        self.offered(login, number, f"do/{step}")
        return self._post(login, number, f"do/{step}", **fields)

    def refused(self, login: str, number: str, step: str, words: str, /, **fields: str) -> Page:
        """A form that is sent from the case page, and comes back with what is wrong."""
        self.at[login].get(f"/office/petitions/{number}")
        page = self.at[login].post(f"/office/petitions/{number}/{step}", **fields)
        assert page.status == 422, page.words
        assert words in page.words, page.words
        return page

    # -- what is seen ----------------------------------------------------------------------------

    def offered(self, login: str, number: str, step: str) -> Page:
        """The page once it has the form of a step."""
        form = f'action="/office/petitions/{number}/{step}"'
        return self._until(login, number, lambda page: form in page.text, step)

    def gone(self, login: str, number: str, *steps: str) -> Page:
        """The page once it has none of these forms."""
        return self._until(
            login, number, lambda page: not _forms(page, number) & set(steps), str(steps)
        )

    def stands(self, number: str, *words: str, login: str = "ducha") -> Page:
        """The page once it shows a status, a step, or what else these words say: each service tells its
        own part of a page, and brings it when it has heard of it."""
        shown = lambda page: all(word in page.words for word in words)  # noqa: E731
        return self._until(login, number, shown, str(words))

    def shows(self, visitor: Browser, path: str, text: str) -> Page:
        """Any page, once it shows what was brought by events."""
        until = time.monotonic() + (self.patience or 15)
        while text not in (page := visitor.get(path)).words:
            assert time.monotonic() < until, (text, page.words)
            time.sleep(0.2)
        return page

    def forms(self, login: str, number: str) -> set[str]:
        """The steps that a page offers."""
        return _forms(self.at[login].get(f"/office/petitions/{number}"), number)

    def _until(self, login: str, number: str, fits: Callable[[Page], bool], what: str) -> Page:
        until = time.monotonic() + (self.patience or 15)
        while not fits(page := self.at[login].get(f"/office/petitions/{number}")):
            assert time.monotonic() < until, (what, page.words)
            time.sleep(0.1)
        return page

    def _post(self, login: str, number: str, step: str, **fields: str) -> Page:
        page = self.at[login].post(f"/office/petitions/{number}/{step}", **fields)
        assert page.status == 200, page.words
        return page


def _forms(page: Page, number: str) -> set[str]:
    return set(re.findall(rf'action="/office/petitions/{number}/(?:do/)?(\w+)"', page.text))


# -- days ------------------------------------------------------------------------------------------


def day(after: int = 0) -> str:
    """The site's day, or one some days later, as a form takes it."""
    return str(clock.local_date(clock.now()) + timedelta(days=after))


def served(**more: str) -> dict[str, str]:
    return {"method": "in_person", "receipt": "signed", "served_on": day()} | more


BEGINS = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""A Monday, 9 o'clock: a site that begins then has the same due dates on whatever day it is tested."""


@contextmanager
def site_in_march(servers: Servers, template: str) -> Iterator[Site]:
    """A site with nothing started yet, whose clock begins at BEGINS; the test's own goes with it."""
    with fresh_site(servers, template) as site:
        shift(site, BEGINS - datetime.now(UTC))
        try:
            yield site
        finally:
            clock.set_shift(timedelta())


def shift(site: Site, by: timedelta) -> None:
    """Sets the clock of what is started from now on."""
    clock.set_shift(by)
    site.extra_env[clock.SHIFT_VARIABLE] = str(by.total_seconds())


def move_to(site: Site, days: int) -> None:
    """Everything is stopped, and started again so many days after BEGINS: what was due meanwhile is told."""
    names = tuple(site.processes)
    for name in names:
        site.stop(name)
    shift(site, BEGINS + timedelta(days=days) - datetime.now(UTC))
    site.start_all(names)
