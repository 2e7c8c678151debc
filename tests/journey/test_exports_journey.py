"""Long lists through the front desk, as files: every row, and nobody else waits."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import ZipFile

import pytest
import requests

from kit import sheet
from kit.migrations import engine_for
from tests.journey.test_console_journey import browser, eventually, register
from tests.many import MANY, OLD, add_cases
from tests.site import Site

ASKED = f"what=registered&period={OLD}"
OTHERS = 2.0
"""Seconds within which stats answers others meanwhile."""


@pytest.fixture
def many(site: Site) -> Iterator[None]:
    """25,000 cases, gone afterwards."""
    number, _ = register(browser(site, "dengji"))
    today = f"/office/statistics/cases?what=registered&period=free:{number[6:10]}-01-01..2199-12-31"
    eventually(browser(site, "ducha"), today, number)
    add_cases(site.database_url)
    yield
    with engine_for(site.database_url).begin() as connection:
        connection.exec_driver_sql("DELETE FROM stats.fact WHERE registered_at < '2019-06-01'")


def test_25_000_cases_are_counted_listed_and_exported(site: Site, many: None) -> None:
    office = browser(site, "ducha")
    page = office.get(f"/office/statistics/cases?{ASKED}")
    assert f"{MANY}。列出 {MANY} 件" in page.words
    with longest_wait(f"{site.url('stats')}/live") as waited:
        files = {
            format_: office.fetch(f"/office/statistics/file?{ASKED}&format={format_}")
            for format_ in sheet.FORMATS
        }
    for format_, file in files.items():
        assert (file.status, file.headers["content-type"]) == (200, sheet.TYPES[format_])
        numbers = re.findall(r"\b3302822019050\d{5}\b", written(file.body))
        assert len(numbers) == len(set(numbers)) == MANY, format_
    assert max(waited) < OTHERS


def written(content: bytes) -> str:
    """What a file says; openpyxl would take half a minute for a workbook of this length."""
    if content[:2] != b"PK":
        return content.decode()
    with ZipFile(io.BytesIO(content)) as packed:
        return packed.read("xl/worksheets/sheet1.xml").decode()


@contextmanager
def longest_wait(url: str) -> Iterator[list[float]]:
    """How long others wait for an answer while the block runs, in seconds."""
    waited: list[float] = [0.0]
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            began = time.monotonic()
            requests.get(url, timeout=30)
            waited.append(time.monotonic() - began)
            time.sleep(0.05)

    other = threading.Thread(target=ask)
    other.start()
    try:
        yield waited
    finally:
        over.set()
        other.join()
