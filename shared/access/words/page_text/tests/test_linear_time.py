"""Pages made to be slow take time in proportion to their size, no more, and little of it at a time."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable

import pytest

from shared.access.words.page_text.page import STEP_OCTETS, Page

_SMALL_OCTETS = 64 << 10
_TIMES_LARGER = 8
# Eight times the octets may take this many times as long: quadratic would be 64. Caches and collections are noise.
_MOST_TIMES_SLOWER = 24
_NOISE = 0.05  # seconds: what takes less is fast enough whatever the ratio
_LONGEST_STEP = 0.015  # seconds of the processor, on a machine that does other things; most take a fiftieth of it


def repeated(unit: str, before: str = "", charset: str = "utf-8") -> Callable[[int], bytes]:
    octets = unit.encode(charset)
    return lambda size: before.encode(charset) + octets * (size // len(octets))


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "less-than signs": repeated("<"),
    "less-than signs and letters": repeated("<a"),
    "an open comment": repeated("-", "<!--"),
    "open comments": repeated("<!--"),
    "an open declaration": repeated("<!", "<!"),
    "ampersands": repeated("&"),
    "references begun": repeated("&a"),
    "references": repeated("&amp;"),
    "a long reference": repeated("9", "&#"),
    "one tag": repeated("a", "<"),
    "one tag of attributes": repeated(" a=b", "<p"),
    "one tag of equal signs": repeated("=", "<p "),
    "one tag of spaces": repeated(" ", "<p a="),
    "an open quote": repeated("<p>", '<p a="'),
    "quotes": repeated("=\"'", "<p "),
    "open quotes": repeated('<p a="'),
    "ends of other elements": repeated("</scrip", "<script>"),
    "open scripts": repeated("<script>"),
    "open titles": repeated("<title>&"),
    "templates": repeated("<template>"),
    "a hidden element of many": repeated("<li>", "<div hidden>"),
    "hidden elements": repeated("<b hidden>"),
    "hidden attributes": repeated(" hidden='a", "<p"),
    "hidden tags": repeated("<p hidden>"),
    "one word": repeated("a"),
    "apostrophes": repeated("a'"),
    "only apostrophes": repeated("'"),
    "spaces": repeated(" "),
    "combining marks": repeated("\u0315\u0300"),
    "a ligature of eighteen letters": repeated("\ufdfa"),
    "Han": repeated("東京都"),
    "soft hyphens": repeated("\u00ad"),
    "escapes": repeated("\x1b$B\x1b(B", "<meta charset=iso-2022-jp>"),
    "octets that are no UTF-8": lambda size: b"\xff" * size,
    "half of a character": lambda size: b"\xc3\xa9\xff" + b"\xe4" * size,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_takes_linear_time(name: str) -> None:
    make = HOSTILE[name]
    small, large = sum(_seconds(make(_SMALL_OCTETS))), sum(_seconds(make(_SMALL_OCTETS * _TIMES_LARGER)))
    assert large < max(small * _MOST_TIMES_SLOWER, _NOISE)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_is_read_in_short_steps(name: str) -> None:
    steps = sorted(_seconds(HOSTILE[name](_SMALL_OCTETS * _TIMES_LARGER)))
    assert steps[-3] < _LONGEST_STEP  # a garbage collection of the tests' objects may fall into one or two


def test_compressed_pages_of_many_empty_members_are_read_in_short_steps() -> None:
    steps = sorted(_seconds(gzip.compress(b"") * 10_000, ["gzip"]))
    assert steps[-3] < _LONGEST_STEP


def _seconds(octets: bytes, codings: list[str] | None = None) -> list[float]:
    """Processor time of each step."""
    page = Page(b"text/html", codings or [])
    steps: list[float] = []

    def timed(step: Callable[[], object]) -> object:
        start = time.process_time()
        result = step()
        steps.append(time.process_time() - start)
        return result

    for at in range(0, len(octets), STEP_OCTETS):
        page.push(octets[at : at + STEP_OCTETS])
        while timed(page.step):
            pass
    timed(page.finish)
    return steps
