"""Reading lists of domains, in the formats that they are published in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from shared.access.errors import RuleUnusable
from shared.access.rules.rule_name import rule_name

# Names that hosts files give to the machine itself.
OWN_NAMES = frozenset(
    (
        *("localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0"),
        *("ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters"),
        "ip6-allhosts",
    )
)
_HOSTS_LINE = re.compile(r"([0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*)(?:%\w+)?\s+(\S.*)")  # an address, then names
_DNSMASQ_LINE = re.compile(r"(?:address|server|local)=/([^/]+)/.*")
_FILTER_LINE = re.compile(r"\|\|([^/^$|]+)\^?")  # what blocks a whole domain in filter lists of browsers
_COMMENT = re.compile(r"(?:^|\s)#.*")


def read_rule_list(lines: Iterable[str]) -> Iterator[tuple[int, str, str | None]]:
    """What each line is about: its number, its text, and the rule's name, or None where there is none to be read.

    One domain or network a line; or a hosts file (`0.0.0.0 ads.example.org`), dnsmasq's (`address=/ads.example.org/`),
    or of a filter list what blocks whole domains (`||ads.example.org^`). Comments begin with `#` or `!`.
    """
    for number, line in enumerate(lines, 1):
        text = _COMMENT.sub("", line.removeprefix("\ufeff").strip())
        if not text or text.startswith(("!", "[")):
            continue
        for word in _words(text):
            try:
                yield number, word, rule_name(word)
            except RuleUnusable:
                yield number, word, None


def _words(text: str) -> Iterable[str]:
    if match := _HOSTS_LINE.fullmatch(text):
        return (word for word in match[2].split() if word.lower() not in OWN_NAMES)
    if match := _DNSMASQ_LINE.fullmatch(text) or _FILTER_LINE.fullmatch(text):
        return (match[1],)
    return (text,)
