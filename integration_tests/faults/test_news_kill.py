"""`kill -9` at any moment: each article that was answered with 240 is there, once, and no number is given twice.

Four connections post while the gateway, PostgreSQL and Redis are killed in turn. What was cut off is sent again under
the same Message-ID, as newsreaders do: then it is posted, or has come before.
"""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from integration_tests.clients.newsgroup import Newsgroup, new_newsgroup
from integration_tests.stack.quiet_logs import quiet_logs
from integration_tests.stack.stack import Stack

SEED = 2119
POSTERS = 4
ANSWER_SECONDS = 20
RETRY_SECONDS = 0.1
PAUSE_SECONDS = 0.01
BACK_WITHIN = timedelta(seconds=60)
KILLINGS = ("news_gateway", "postgres", "redis", "news_gateway", "postgres")
_IDENTIFIER = re.compile(rb"^Message-ID: (<[^>]*>)\r\n", re.MULTILINE)


@dataclass
class Poster(threading.Thread):
    """One connection that posts an article, waits for the answer, posts the next; crossposts now and then."""

    groups: Sequence[Newsgroup]
    number: int
    posted: dict[bytes, bytes] = field(default_factory=dict)  # octets by Message-ID
    cut_off: int = 0
    came_before: int = 0
    refused: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._stop_asked = threading.Event()
        self._chance = random.Random(f"{SEED} {self.number}")

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        waiting: bytes | None = None
        sent_before = False
        while not self._stop_asked.is_set():
            try:
                with socket.create_connection(self.groups[0].stack.nntp, ANSWER_SECONDS) as connection:
                    file = connection.makefile("rwb")
                    _expect(file.readline(), b"200 ")
                    while not self._stop_asked.is_set() or waiting is not None:
                        if waiting is None:
                            waiting, sent_before = self._article(), False
                        file.write(b"POST\r\n")
                        file.flush()
                        _expect(file.readline(), b"340 ")
                        file.write(waiting + b".\r\n")
                        file.flush()
                        self._note(waiting, file.readline(), sent_before)
                        waiting = None
                        self._stop_asked.wait(PAUSE_SECONDS)
            except OSError:
                self.cut_off += 1
                sent_before = True
                self._stop_asked.wait(RETRY_SECONDS)

    def _note(self, article: bytes, answer: bytes, sent_before: bool) -> None:
        if answer.startswith(b"403 ") or not answer:
            raise ConnectionError(answer)
        found = _IDENTIFIER.search(article)
        assert found is not None
        if answer.startswith(b"240 "):
            self.posted[found[1]] = article
        elif sent_before and answer.startswith(b"441 ") and b"has come before" in answer:
            self.came_before += 1
            self.posted[found[1]] = article
        else:
            self.refused.append(answer)

    def _article(self) -> bytes:
        groups = self._chance.sample(self.groups, self._chance.choice([1, 1, 2]))
        number = len(self.posted) + self.cut_off
        body = b"\r\n".join(
            self._chance.randbytes(32).hex().encode() for _ in range(self._chance.choice([1, 20, 1200]))
        )
        names = ",".join(group.name for group in groups)
        head = f"From: p{self.number}@example.org\r\nNewsgroups: {names}\r\nSubject: {self.number}.{number}\r\n"
        head += f"Message-ID: <{number}.{self.number}.{self._chance.getrandbits(60):x}@load.example>\r\n\r\n"
        return head.encode() + body + b"\r\n"

    def stop(self) -> None:
        self._stop_asked.set()


def _expect(answer: bytes, code: bytes) -> None:
    if not answer.startswith(code):
        raise ConnectionError(answer)


@pytest.mark.local_only
def test_every_240_is_there_once_whatever_is_killed(mortal: Stack) -> None:
    groups = [new_newsgroup(mortal), new_newsgroup(mortal)]
    posters = [Poster(groups, number) for number in range(POSTERS)]
    with quiet_logs(mortal):
        for poster in posters:
            poster.start()
        chance = random.Random(SEED)
        for name in KILLINGS:
            _wait_for_progress(posters)
            time.sleep(chance.uniform(0.1, 0.5))  # the load decides in the middle of what this ends
            mortal.kill(name)
            mortal.wait_until_ready(BACK_WITHIN)
        _wait_for_progress(posters)
        for poster in posters:
            poster.stop()
        for poster in posters:
            poster.join(2 * ANSWER_SECONDS)
    print([(len(each.posted), each.cut_off, each.came_before) for each in posters])
    assert not [each.refused for each in posters if each.refused]
    promised = {identifier: octets for poster in posters for identifier, octets in poster.posted.items()}
    for group in groups:
        kept = group.articles()
        identifiers = [found[1] for found in map(_IDENTIFIER.search, kept) if found is not None]
        assert len(identifiers) == len(kept)
        assert max(Counter(identifiers).values()) == 1
        for_it = {each for each, octets in promised.items() if group.name.encode() in octets.partition(b"\r\n\r\n")[0]}
        assert for_it <= set(identifiers)
        unanswered = set(identifiers) - for_it
        assert len(unanswered) <= POSTERS  # what each connection had under way when it was told to stop
        octets_of = dict(zip(identifiers, kept, strict=True))
        assert all(octets_of[identifier].endswith(promised[identifier]) for identifier in for_it)


def _wait_for_progress(posters: Sequence[Poster]) -> None:
    """Every connection has had an article taken since now."""
    before = [len(each.posted) for each in posters]
    deadline = time.monotonic() + BACK_WITHIN.total_seconds()
    while any(len(each.posted) == count for each, count in zip(posters, before, strict=True)):
        assert time.monotonic() < deadline, [each.refused for each in posters]
        time.sleep(0.02)
