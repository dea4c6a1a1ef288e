"""Every kind of page: its markup keeps to the standard."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import html5lib  # type: ignore[import-untyped]
import pytest
from lxml import etree, html

from services.wiki.tests.every_page import Shown, every_page
from services.wiki.tests.web import Web

REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")  # attributes whose words are ids


def test_every_page_is_valid_html(web: Web, tmp_path: Path) -> None:
    """By html5lib, and by the Nu checker in one process; skipped at the end where that is not installed."""
    pages = list(every_page(web))
    assert {page.got.status for page in pages} >= {200, 400, 403, 404, 405, 409, 422}
    complaints = [f"{page.name}: {what}" for page in pages for what in (*_unparsable(page), *_loose_ends(page))]
    assert not complaints, "\n".join(complaints)
    checker = shutil.which("vnu")
    if checker is None:
        pytest.skip("vnu is not installed: html5lib alone has looked at every page, and found nothing")
    complaints = sorted(set(_complaints_of_nu(checker, pages, tmp_path)))
    assert not complaints, "\n".join(complaints)


def _complaints_of_nu(checker: str, pages: Sequence[Shown], folder: Path) -> Iterator[str]:
    names = {f"{number:03}.html": page.name for number, page in enumerate(pages)}
    for file, page in zip(names, pages, strict=True):
        (folder / file).write_bytes(page.got.body)
    checked = subprocess.run(
        [checker, "--stdout", "--exit-zero-always", "--format", "json", folder],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    for each in json.loads(checked.stdout)["messages"]:
        if not each["message"].startswith("Article lacks heading"):  # it is the page's, above the tabs
            yield f"{names[Path(each['url']).name]}: {each['message']} {each.get('extract', '')}"


def _unparsable(page: Shown) -> Iterator[str]:
    parser = html5lib.HTMLParser()
    parser.parse(page.got.body)
    for (line, column), code, _ in parser.errors:
        yield f"line {line}, column {column}: {code}"


def _loose_ends(page: Shown) -> Iterator[str]:
    """What a parser takes and the standard forbids: ids that stand twice, and references to none."""
    root = html.document_fromstring(page.got.body)
    ids = Counter(element.get("id") for element in root.iter() if element.get("id"))
    yield from (f"the id {name} stands {times} times" for name, times in ids.items() if times > 1)
    for element in root.iter(etree.Element):
        for attribute in REFERENCES:
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    yield f"{attribute} names {name}, which is nowhere"
        target = element.get("href") or ""
        if target.startswith("#") and target[1:] not in ids:
            yield f"{target} leads nowhere"
