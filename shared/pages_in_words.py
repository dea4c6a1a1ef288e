"""A sentence about the web pages that the word report is about, and about those that it is not, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping

from shared.access.words.counts import COUNTED

# By outcome (shared/access/words/counts.py), what there is after "3 pages".
_WHY: Mapping[str, str] = {
    "opted_out": "of accounts whose words are not counted",
    "sampled_away": "while too many were waiting to be read",
    "other_coding": "in unknown codings",
    "other_charset": "in unknown charsets",
    "incomplete": "that broke off",
    "broken": "in broken codings",
    "bombs": "that became very many octets",
    "too_slow": "that did not end",
}


def pages_in_words(pages: Mapping[str, int], has_words: bool) -> str:
    """A sentence or two about `pages` for people; `has_words` says whether there are words to be seen with it."""
    left_out = ", ".join(f"{_counted(pages[outcome])} {why}" for outcome, why in _WHY.items() if pages.get(outcome))
    counted = pages.get(COUNTED, 0)
    if has_words or counted:
        told = [f"Words of {_counted(counted)} were counted."] if counted else []
        return " ".join([*told, *([f"Not counted: {left_out}."] if left_out else [])])
    return f"No words were counted: {left_out or 'no web page passed unencrypted'}."


def _counted(pages: int) -> str:
    return f"{pages:,} page{'' if pages == 1 else 's'}"
