"""Words that say nothing of what a page is about, in the languages that pages are recognised to be in.

One language's article is another's noun (German `war`, English `war`): so a page's own language is guessed, from which
function words it uses most, and only that language's are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from shared.messages.fold import fold

_FILE = Path(__file__).with_name("stop_words.txt")
_ALSO_SPOKEN = 1 / 3  # a language used a third as much as the foremost; mere likeness reaches about a fifth


def _read() -> Mapping[str, frozenset[str]]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    languages = (line.split() for line in lines if line and not line.startswith("#"))
    words: dict[str, frozenset[str]] = {}
    for code, *listed in languages:
        words[code] = words.get(code, frozenset()) | frozenset(map(fold, listed))  # Serbian has two scripts
    return words


_FEWEST = 2  # different ones; a single word may well be another language's noun

STOP_WORDS = dict(_read())
CJK_STOP_CHARACTERS = frozenset("的了吗嗎呢吧")
CJK_STOP_PAIRS = STOP_WORDS.pop("cjk")  # no word is in doubt there, so these never count


def without_stop_words(counts: Mapping[str, int]) -> dict[str, int]:
    """`counts` of a page without the function words of the language, or languages, that it is in."""
    used = {code: [counts[word] for word in words if word in counts] for code, words in STOP_WORDS.items()}
    least = max(map(sum, used.values())) * _ALSO_SPOKEN
    spoken = [code for code, times in used.items() if len(times) >= _FEWEST and sum(times) >= least]
    stopped = frozenset[str]().union(*(STOP_WORDS[code] for code in spoken))
    return {word: times for word, times in counts.items() if word not in stopped}
