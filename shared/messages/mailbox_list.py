"""The check whether a list of mailboxes can be read in one way only, by the grammar of RFC 5322 §3.4.

`address.py` finds an address in almost any text. Where the server decides by an address, the list must be unambiguous:
of `<one@example.org> <two@example.org>` some programs show the first and others the last.
"""

from __future__ import annotations

import re

from shared.messages.address import COMMENT_MARK, TOKEN, AddressPatience

# A letter for each token: w is a word (an atom, or a quoted string), l a domain literal, signs stand for themselves.
# In names a literal is taken for a word: people write `Ann [work] <ann@example.org>`.
_MAILBOX = r"(?:[wl]*<(?:@[wl](?:,@[wl])*:)?w@[wl]>|w@[wl])"
_MAILBOXES = rf"(?:{_MAILBOX})?(?:,(?:{_MAILBOX})?)*"
_GROUP = rf"[wl]*:{_MAILBOXES};"
_LIST = re.compile(rf"(?:{_MAILBOX}|{_GROUP})?(?:,(?:{_MAILBOX}|{_GROUP})?)*")
_LETTERS = {"atom": "w", "quoted": "w", "literal": "l"}


def is_mailbox_list(value: bytes, patience: AddressPatience) -> bool:
    """Whether `value`, an unfolded field value, is such a list; not if its tokens are more than there is patience for.

    Time and memory are linear in the number of tokens.
    """
    letters: list[str] = []
    at, size = 0, len(value)
    while at < size:
        patience.tokens -= 1
        match = TOKEN.match(value, at)
        if match is None or match.lastgroup == "other" or patience.tokens <= 0:
            return False
        at = match.end()
        if match.lastgroup == "comment":
            at = _comment_end(value, at, patience)
            if at < 0:
                return False
        elif match.lastgroup == "special":
            letters.append(match[0].decode())
        elif match.lastgroup != "space":
            letters.append(_LETTERS[match.lastgroup or ""])
    return _LIST.fullmatch("".join(letters)) is not None


def _comment_end(value: bytes, at: int, patience: AddressPatience) -> int:
    """Where the comment ends whose "(" is just before `at`; -1 if it is not closed."""
    depth = 1
    while patience.tokens > 0 and (mark := COMMENT_MARK.match(value, at)) is not None:
        patience.tokens -= 1
        at = mark.end()
        depth += 1 if mark[1] == b"(" else -1
        if depth == 0:
            return at
    return -1
