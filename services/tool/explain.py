"""`petition explain NUMBER`: a case's whole history with its clocks, as the services tell it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import click

TOKEN_SECONDS = 300
TZ = "Asia/Shanghai"


def lines(calls: Any, lists: Any, number: str) -> Iterator[str]:
    """The history as lines of text. Raises Refusal where nobody knows the petition.

    Args:
        calls: the services, on behalf of the operator (`console.client.Calls`).
        lists: names of offices and places (`console.lists.Lists`).
    """
    from console import telling, words
    from console.casefile import gather

    file = gather(calls, number, {})
    if not file.known:
        return
    state = file.state
    yield f"{number}  {words.word(words.STATUSES, state['status'])}"
    yield f"  {words.word(words.CHANNELS, state['channel'])},{words.word(words.TYPES, state['type'])},{state['head_count']}人,收到 {state['received_on']}"
    yield f"  属地 {lists.place(state['division']) or '未定'},承办 {lists.office(state['office']) or '未定'}"
    if file.case and file.case["final_reason"]:
        yield f"  终结:{words.word(words.FINALS, file.case['final_reason'])}"
    yield ""
    yield "办理过程"
    for entry in file.entries or ():
        title, more = telling.tell(entry, lists, TZ)
        at = words.instant(entry["at"]).astimezone(ZoneInfo(TZ))
        yield f"  {at:%Y-%m-%d %H:%M}  {entry['source']:<11} {title} {more}".rstrip()
    yield ""
    yield "期限"
    for duty in calls.duties(number):
        yield from _duty(duty, lists)


def _duty(duty: dict[str, Any], lists: Any) -> Iterator[str]:
    from console import words

    colour, state = words.LIGHTS[duty["light"]], words.word(words.DUTY_STATES, duty["state"])
    name = words.word(words.DUTIES, duty["kind"])
    yield f"  {name}({duty['ref'] or duty['rule']}),{lists.office(duty['office'])}:{state},{colour}"
    yield f"    {duty['summary']}"
    skipped = [d for d in duty["days"] if d["why"] not in ("counted", "zero")]
    for day in skipped:
        yield f"    {day['day']} {day['zh']}"


@click.command()
@click.argument("number")
def explain(number: str) -> None:
    """A case's whole history with its clocks; no personal data."""
    import kit.patched  # noqa: F401
    from console.client import Calls, Down, Network, Refusal
    from console.lists import ListsCache
    from kit import keys
    from kit.config import state_folder
    from kit.identity import Issuer
    from tool.commands import operator

    key = keys.load_private(keys.folder(state_folder()), "tool")
    calls = Calls(Network(), Issuer(key, "tool").token(operator(), TOKEN_SECONDS))
    try:
        told = list(lines(calls, ListsCache(lambda: calls).get(), number))
    except (Down, Refusal) as error:
        raise click.ClickException(
            str(getattr(error, "detail", "") or f"{error} does not answer")
        ) from error
    if not told:
        raise click.ClickException(f"没有信访件 {number}")
    for line in told:
        click.echo(line)


COMMANDS: tuple[click.Command, ...] = (explain,)
