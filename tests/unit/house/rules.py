"""The rules of the house as functions of a source text: each gives the lines that break it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields

SERVICES = ("intake", "routing", "supervision", "stats", "console")
ROOT = Path(__file__).parents[3] / "services"


def sources() -> Iterator[tuple[str, str]]:
    """Every module of the product: its path below services/, its text."""
    for path in sorted(ROOT.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def names_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name, attribute and import in a tree, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, alias.name


def imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every imported module, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module


# -- 4.2: nothing but the relay publishes ----------------------------------------------------------

PUBLISHING = frozenset(
    ("basic_publish", "basic_publish_confirm", "_basic_publish", "send_method", "Publisher",
     "EventDispatcher", "Producer", "event_dispatcher", "ServiceRpc", "RpcProxy", "ClusterRpcProxy")
)  # fmt: skip


def publishes(path: str, text: str) -> Iterator[str]:
    if path == "kit/relay.py":
        return
    for line, name in names_of(ast.parse(text)):
        if name in PUBLISHING:
            yield f"{path}:{line} {name}"


# -- 2: who may import whom ------------------------------------------------------------------------


def shows_the_shell(path: str, text: str) -> Iterator[str]:
    """nameko and eventlet stand in kit, in service.py and where processes are started."""
    room = path.partition("/")[0]
    if room == "kit" or path == "tool/processes.py" or path.endswith("/service.py"):
        return
    for line, module in imports_of(ast.parse(text)):
        if module.partition(".")[0] in ("nameko", "eventlet", "greenlet"):
            yield f"{path}:{line} {module}"


def reaches_next_door(path: str, text: str) -> Iterator[str]:
    """Services share contracts and kit, nothing else; contracts and kit know no service."""
    room = path.partition("/")[0]
    strangers = {*SERVICES, "tool"} - {room}
    if room == "tool":
        return
    if room == "contracts":
        strangers.add("kit")
    if room == "kit":
        strangers.add("contracts")
    for line, module in imports_of(ast.parse(text)):
        if module.partition(".")[0] in strangers:
            yield f"{path}:{line} {module}"


def domain_reaches_out(path: str, text: str) -> Iterator[str]:
    """domain/ imports the standard library and itself, and has no clock and no I/O of its own."""
    room, _, rest = path.partition("/")
    if room not in SERVICES or not rest.startswith("domain"):
        return
    tree = ast.parse(text)
    forbidden = {"os", "socket", "subprocess", "random", "secrets", "logging", "time", "pathlib"}
    for line, module in imports_of(tree):
        first = module.partition(".")[0]
        own = module.startswith(f"{room}.domain")
        if not own and (first not in sys.stdlib_module_names or first in forbidden):
            yield f"{path}:{line} {module}"
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
        if name in ("now", "today", "utcnow", "open", "print"):
            yield f"{path}:{call.lineno} {name}"


# -- 5: one clock ----------------------------------------------------------------------------------

CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
          ("time", "time")}  # fmt: skip


def tells_its_own_time(path: str, text: str) -> Iterator[str]:
    """now() is read through kit.clock, which a test site can shift."""
    if path == "kit/clock.py" or path.startswith("tool/local/"):
        return
    for node in ast.walk(ast.parse(text)):
        owner = getattr(getattr(node, "value", None), "id", None)
        if isinstance(node, ast.Attribute) and (owner, node.attr) in CLOCKS:
            yield f"{path}:{node.lineno} {owner}.{node.attr}"


# -- 2, 3: every list, count and export goes through the scope function ----------------------------

PETITION_TABLES = frozenset(
    (
        "petition",
        "person",
        "attachment",
        "timeline",
        "matter",
        "case",
        "duty",
        "fact",
        "transition",
        "tally",
    )
)
READERS = ("select", "exists", "exec_driver_sql", "text")


def unscoped(path: str, text: str, allowed: Mapping[str, str]) -> Iterator[str]:
    """Functions that read a petition's table and do not mention VISIBLE.where, or view a petition
    past `Commands.view`, which asks whether it may be seen.

    Args:
        allowed: `path function` → why it needs no scope.
    """
    room, _, rest = path.partition("/")
    if room not in SERVICES or rest in ("store.py", "migrations/env.py") or "versions" in rest:
        return
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef) or f"{path} {node.name}" in allowed:
            continue
        if (_reads(node) and not _is_scoped(node)) or _looks_past(node):
            yield f"{path}:{node.lineno} {node.name}"


def _reads(function: ast.FunctionDef) -> bool:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    if not any(name in READERS for call in calls for _, name in names_of(call.func)):
        return False
    tables = {name for _, name in names_of(function) if name in PETITION_TABLES}
    parameters = {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)}
    return bool(tables - parameters) or any(_names_a_table(node) for node in ast.walk(function))


def _names_a_table(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return False
    words = node.value.replace('"', "").split()
    return any(
        before.upper() in ("FROM", "JOIN") and word.rpartition(".")[2] in PETITION_TABLES
        for before, word in pairwise(words)
    )


def _is_scoped(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "where"
        and isinstance(node.value, ast.Name)
        and node.value.id == "VISIBLE"
        for node in ast.walk(function)
    )


def _looks_past(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Attribute) and ast.unparse(node).endswith("database.view")
        for node in ast.walk(function)
    )


def functions(path: str) -> set[str]:
    """The names of a module's functions, as `path function`."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {f"{path} {n.name}" for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


# -- 3, 8: nothing of a person leaves --------------------------------------------------------------

PERSONAL = frozenset(
    ("name", "names", "id_number", "phone", "mobile", "address", "person", "people", "petitioner",
     "representatives", "agent", "text", "title", "opinion", "comment", "reason", "ground", "note",
     "minutes", "attachments", "complained_about", "barred", "birth", "sex", "ethnicity", "email")
)  # fmt: skip


def personal_fields(event: type[Schema], allowed: Mapping[str, str]) -> Iterator[str]:
    """Fields of an event's data, nested ones too, that could hold something of a person."""
    for path in _paths(event()):
        if path.rpartition(".")[2] in PERSONAL and f"{event.__name__} {path}" not in allowed:
            yield f"{event.__name__} {path}"


def _paths(schema: Schema, before: str = "") -> Iterator[str]:
    for name, field in schema.fields.items():
        yield before + name
        inner: Any = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from _paths(inner.schema, f"{before}{name}.")


# -- kit.log: static event names -------------------------------------------------------------------

LEVELS = ("debug", "info", "warning", "error", "exception", "critical")


def says_more_in_a_log(path: str, text: str) -> Iterator[str]:
    """A log call's message is a constant without arguments: nothing of a person can be in it."""
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        known = isinstance(owner, ast.Name) and owner.id in ("log", "logger", "logging")
        if node.func.attr not in LEVELS or not known:
            continue
        constant = (
            len(node.args) == 1
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
            and "%" not in node.args[0].value
        )
        if not constant:
            yield f"{path}:{node.lineno}"


def says_an_error_in_a_log(path: str, text: str) -> Iterator[str]:
    """`str(error)` in a log line: a database's error quotes the row it refused."""
    if path == "kit/runner.py":
        return  # a ConfigError's text is one line that names a variable
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in LEVELS:
            continue
        for keyword in node.keywords:
            if keyword.arg == "extra" and any(
                isinstance(inner, ast.Call)
                and isinstance(inner.func, ast.Name)
                and inner.func.id in ("str", "repr")
                for inner in ast.walk(keyword.value)
            ):
                yield f"{path}:{node.lineno}"
