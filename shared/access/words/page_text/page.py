"""One web page from its octets to its words, in steps that each take well under a millisecond or so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.access.words.page_text.charset import PageDecoder
from shared.access.words.page_text.coding_bounds import BrokenCoding, TooLong
from shared.access.words.page_text.content import ContentDecoder
from shared.access.words.page_text.html_text import HtmlText
from shared.access.words.page_text.split import WordCount
from shared.access.words.page_text.stop_words import without_stop_words

STEP_OCTETS = 4 << 10  # of HTML; about 0.3 ms
MOST_KEPT_WORDS = 2000  # different ones of one page that go into the report


class UnreadablePage(Exception):
    """The content coding is broken."""


class Page:
    """Reads one page in steps. Nothing here waits, and nothing takes longer for what a page contains."""

    def __init__(self, content_type: bytes, codings: Sequence[str]) -> None:
        self._content = ContentDecoder(codings)
        self._decoder = PageDecoder(content_type)
        self._html = HtmlText()
        self._words = WordCount()
        self._too_long = False

    def push(self, octets: bytes) -> None:
        """The next octets as they were sent, at most STEP_OCTETS; only after step() said that it needs them."""
        if not self._too_long:
            self._content.push(octets)

    def step(self) -> bool:
        """Read a little more; False when it needs more octets. Raises ContentBomb, UnreadablePage."""
        if self._too_long:
            return False
        try:
            octets = self._content.pull(STEP_OCTETS)
        except TooLong:
            self._too_long = True
            return False
        except BrokenCoding as error:
            raise UnreadablePage from error
        self._read(octets, final=False)
        return not self._content.is_hungry

    def finish(self) -> Mapping[str, int]:
        """No more octets will come: how often each word occurred, the most frequent ones if there are very many."""
        self._read(b"", final=True)
        counts = {_spelled(word): times for word, times in without_stop_words(self._words.counts).items()}
        if len(counts) <= MOST_KEPT_WORDS:
            return counts
        foremost = sorted(counts, key=counts.__getitem__, reverse=True)[:MOST_KEPT_WORDS]
        return {word: counts[word] for word in foremost}

    @property
    def charset_is_known(self) -> bool:
        """False once some of the text could not be read: then the words are not the page's."""
        return not self._decoder.is_unknown

    def _read(self, octets: bytes, final: bool) -> None:
        if octets or final:
            self._words.feed(self._html.feed(self._decoder.decode(octets, final), final), final)


def _spelled(word: str) -> str:
    """`word` as Greek writes it: what is folded has a sigma in its middle form at the end, too."""
    return f"{word[:-1]}\u03c2" if word.endswith("\u03c3") else word
