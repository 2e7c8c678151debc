"""`petition divisions` and `petition locate`: the index of divisions, and what a text says of a place."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from places.index import Index
    from places.resolver import Answer, Resolver

LEVELS_ZH = ("省级", "地级", "县级", "乡级", "村级")
STATUS_ZH = {
    "ok": "确定", "conflict": "县区与乡镇不一致,以乡镇为准", "ambiguous": "有几种可能",
    "office-only": "文中没有地名,按收到的单位", "none": "没有地名",
}  # fmt: skip


def folder() -> Path:
    """Where the index lies: `PETITION_DIVISIONS`, or `.run/divisions` here."""
    return Path(os.environ.get("PETITION_DIVISIONS") or ".run/divisions")


@click.group()
def divisions() -> None:
    """The index of divisions."""


@divisions.command("build")
@click.option("--own", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="a folder with an authority's own tables, in addition")  # fmt: skip
@click.option("--within", default="", help="code of a county: villages of elsewhere are left out")
@click.option("--site", is_flag=True,
              help="for this site (PETITION_SITE): routing reads with it from its next start on")  # fmt: skip
@click.option("--cache", type=click.Path(path_type=Path), help="where the sources are kept")
def divisions_build(own: Path | None, within: str, site: bool, cache: Path | None) -> None:
    """Make the index from the pinned sources, which are fetched from the registries once."""
    from contracts.public import prefix
    from kit.config import Reader, state_folder
    from places import maker
    from places.sources import Unfit

    target, sources = folder(), cache or folder().with_name("sources")
    if site:
        target = state_folder() / "divisions"
        within = Reader(os.environ).digits("PETITION_SITE", "330282")
    try:
        review = maker.make(
            sources, target, own=own, within=prefix(within.ljust(12, "0")) if within else "",
            say=click.echo,
        )  # fmt: skip
    except Unfit as error:
        raise click.ClickException(str(error)) from error
    (target / "review.txt").write_text("\n".join(review) + "\n", "utf-8")
    click.echo(f"{target}: {len(review)} names to be looked at, in review.txt")


@divisions.command("show")
@click.argument("name")
def divisions_show(name: str) -> None:
    """Explain the divisions that a NAME (慈溪市周巷镇) stands for: codes, what is above and below."""
    resolver = opened()
    answer = resolver.locate(name)
    found = [code for code, _ in answer.candidates] or [code for code in [answer.code] if code]
    if not found:
        raise click.ClickException(f"没有「{name}」")
    more, former = (
        json.loads(file.read_text("utf-8")) if file.exists() else {}
        for file in (folder() / "codes.json", folder() / "former.json")
    )
    for code in found:
        for line in explained(resolver.index, code, more, former):
            click.echo(line)
    click.echo(f"资料:{answer.version}")


def explained(
    index: Index, code: str, systems: dict[str, dict[str, str]], former: dict[str, list[Any]]
) -> list[str]:
    """What is known of one division, in lines."""
    node = index.find(code)
    assert node is not None
    names = "".join(index.name(n) for n in index.path(node) if not index.unspoken(n))
    lines = [f"{names}({LEVELS_ZH[index.levels[node]]})", f"  编号 {code}"]
    if index.published(node):
        lines.append(f"  统计用区划代码(2023) {code}")
    else:
        lines.append("  统计用区划代码(2023) 无:此后新设")
    lines += [f"  {system} {codes[code]}" for system, codes in systems.items() if code in codes]
    lines += [f"  {_former(index, name)}" for name in former.get(code, ())]
    if index.statistical(node):
        lines.append("  仅用于统计,不是行政区划")
    if below := index.children(node):
        shown = "、".join(index.name(n) for n in below[:12])
        lines.append(f"  下辖 {len(below)} 个:{shown}{'……' if len(below) > 12 else ''}")
    return lines


def _former(index: Index, alias: dict[str, Any]) -> str:
    """曾用名 鄞县(1949—2002),现为 海曙区、鄞州区."""
    years = f"({alias['since'] or ''}—{alias['until']})" if alias["until"] else ""
    nodes = [node for code in alias["codes"] if (node := index.find(code)) is not None]
    into = f",现为 {'、'.join(index.name(n) for n in nodes)}" if len(nodes) > 1 else ""
    return f"又名 {alias['name']}{years}{into}"


@click.command()
@click.argument("text", required=False)
@click.option("--office", help="12-digit code of the receiving office's division")
@click.option("--jsonl", is_flag=True, help="lines of JSON on standard input and output")
def locate(text: str | None, office: str | None, jsonl: bool) -> None:
    """The division that a TEXT means. With --jsonl: lines {"text", "receiving_office_code"}."""
    resolver = opened()
    if jsonl:
        for number, line in enumerate(sys.stdin, 1):
            asked = _asked(line, number)
            answer = resolver.locate(asked.get("text") or "", asked.get("receiving_office_code"))
            click.echo(json.dumps(as_json(resolver.index, answer), ensure_ascii=False))
        return
    if text is None:
        raise click.UsageError("a TEXT, or --jsonl")
    answer = resolver.locate(text, office)
    click.echo(STATUS_ZH[answer.status])
    for code, weight in answer.candidates or ([(answer.code, 0.0)] if answer.code else []):
        node = resolver.index.find(code)
        assert node is not None
        names = " ".join(resolver.index.name(n) for n in resolver.index.path(node))
        click.echo(f"  {code} {names}" + (f"  {weight:.1f}" if weight else ""))
    if answer.spans:
        click.echo("  依据:" + "、".join(text[begin:end] for begin, end in answer.spans))
    click.echo(f"  把握 {answer.confidence:.2f}")


def _asked(line: str, number: int) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or not all(
        isinstance(asked.get(name) or "", str) for name in ("text", "receiving_office_code")
    ):
        raise click.ClickException(f'第{number}行须为 {{"text": …, "receiving_office_code": …}}')
    return asked


def opened() -> Resolver:
    """The resolver over this site's index."""
    from places.index import Index
    from places.resolver import Resolver

    try:
        return Resolver(Index.load(folder()))
    except FileNotFoundError as error:
        raise click.ClickException("没有区划资料,请先运行 petition divisions build") from error


def as_json(index: Index, answer: Answer) -> dict[str, Any]:
    """An answer with published codes: a division that has none stands as the one above it."""
    code, level = index.nearest_published(answer.code)
    return {
        "code": code,
        "level": level,
        "status": answer.status,
        "confidence": answer.confidence,
        "candidates": [
            {"code": index.nearest_published(c)[0], "weight": w} for c, w in answer.candidates
        ],
    }


COMMANDS: tuple[click.Command, ...] = (divisions, locate)
