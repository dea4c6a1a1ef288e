"""Pages in `br` and `zstd` are read as those in gzip are, and hostile ones are given up as early."""

from __future__ import annotations

import contextlib
import random
import sys

import brotli
import pytest

from shared.access.words.page_text.coding_bounds import BrokenCoding, ContentBomb
from shared.access.words.page_text.content import codings_of
from shared.access.words.page_text.page import STEP_OCTETS, Page, UnreadablePage
from shared.access.words.page_text.tests.test_page import words_of
from shared.access.words.page_text.window_codings import MOST_FRAMES, WindowCoding
from shared.testing.fastest import processor_seconds

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEA = b"<p>the tea and " + b"coffee " * 3
LONG = b"<p>tea " + b"".join(b"%016x " % random.Random(number).getrandbits(64) for number in range(20_000))
CODED = {
    b"br": brotli.compress(TEA),
    b"BR ": brotli.compress(TEA),
    b"zstd": zstd.compress(TEA),
    b"zstd, identity": zstd.compress(TEA[:5]) + zstd.compress(b"") + zstd.compress(TEA[5:]),
    b"br, zstd": zstd.compress(brotli.compress(TEA)),
}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("piece_octets", [1, 7, 4096])
def test_br_and_zstd_are_undone(coding: bytes, piece_octets: int) -> None:
    codings = codings_of(coding)
    assert codings is not None
    page = Page(b"text/html", codings)
    for at in range(0, len(CODED[coding]), piece_octets):
        page.push(CODED[coding][at : at + piece_octets])
        while page.step():
            pass
    assert page.finish() == {"tea": 1, "coffee": 3}


@pytest.mark.parametrize(("name", "octets"), [("br", brotli.compress(LONG)), ("zstd", zstd.compress(LONG))])
@pytest.mark.parametrize("most", [1, 4096])
def test_no_more_comes_out_at_a_time_than_is_asked_for_and_nothing_is_missing(
    name: str, octets: bytes, most: int
) -> None:
    coding, given = WindowCoding(name), []
    for at in range(0, len(octets), 4096):
        coding.push(octets[at : at + 4096])
        while piece := coding.pull(most):
            assert len(piece) <= most
            given.append(piece)
    assert b"".join(given) == LONG


@pytest.mark.parametrize("coding", ["br", "zstd"])
@pytest.mark.parametrize("octets", [b"\x78\x9c<p>tea</p>" * 10, b"\xff" * 4096, bytes(range(256)) * 16])
def test_octets_that_are_no_br_or_zstd_are_refused(coding: str, octets: bytes) -> None:
    with pytest.raises(UnreadablePage):
        words_of(octets, codings=[coding])


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_garbage_ends_in_an_error_of_ours_or_in_words(coding: str) -> None:
    chance = random.Random(7)
    good = brotli.compress(TEA) if coding == "br" else zstd.compress(TEA)
    for _ in range(2000):
        octets = bytearray(good)
        for _ in range(chance.randrange(1, 4)):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        with contextlib.suppress(UnreadablePage, ContentBomb):
            words_of(bytes(octets), codings=[coding])


@pytest.mark.parametrize(("coding", "octets"), [("br", brotli.compress(LONG)), ("zstd", zstd.compress(LONG))])
def test_a_page_that_is_cut_short_counts_as_far_as_it_was_read(coding: str, octets: bytes) -> None:
    assert words_of(octets[: len(octets) // 2], codings=[coding])["tea"] == 1


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_a_bomb_of_br_or_zstd_is_refused_before_it_has_gone_off(coding: str) -> None:
    text = b"tea " * (64 << 18)
    bomb = brotli.compress(text, quality=1) if coding == "br" else zstd.compress(text)
    unpacker = WindowCoding(coding)
    pieces: list[bytes] = []

    def undo() -> None:
        for at in range(0, len(bomb), 1024):
            unpacker.push(bomb[at : at + 1024])
            while piece := unpacker.pull(STEP_OCTETS):
                pieces.append(piece)

    with pytest.raises(ContentBomb):
        undo()
    assert sum(map(len, pieces)) < 1 << 20


def test_a_window_larger_than_the_web_allows_is_refused() -> None:
    large = zstd.compress(random.Random(1).randbytes(9 << 20), options={zstd.CompressionParameter.window_log: 24})
    coding = WindowCoding("zstd")
    coding.push(large[:4096])
    with pytest.raises(BrokenCoding):
        coding.pull(4096)


def test_very_many_frames_are_a_bomb_and_take_little_time() -> None:
    def work() -> None:
        page = Page(b"text/html", ["zstd"])
        page.push(octets)
        with pytest.raises(ContentBomb):
            page.step()

    octets = zstd.compress(b"") * (MOST_FRAMES + 1)
    assert processor_seconds(work) < 0.1
