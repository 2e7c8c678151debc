"""The forms of papers that come with the software: plain text, built into DOCX between a head and a foot that
are the same for all (kit.docx)."""

from __future__ import annotations

import sys
from functools import cache
from importlib.resources import files

from kit import docx

HEAD = ("^ {{ issuer }}", "! {{ title_of_paper }}", "- {{ code }}", "= ")
FOOT = ("> ", "> {{ issuer }}", "> {{ issued_on }}")


@cache
def shipped(kind: str) -> bytes:
    """The form of a kind that comes with the software."""
    return built(files("supervision").joinpath("forms", f"{kind}.txt").read_text(encoding="utf-8"))


def built(text: str) -> bytes:
    """A form out of its plain text."""
    return docx.built("\n".join((*HEAD, *text.splitlines(), *FOOT)))


if __name__ == "__main__":
    sys.stdout.buffer.write(shipped(sys.argv[1]))
