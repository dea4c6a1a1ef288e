"""`kill -9` at any moment: what was acknowledged is there, once, in order, and keeps its number.

Every program is killed in turn while five connections put messages in and two look on; then what is kept is compared
with what was promised.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from integration_tests.faults.ledger import Ledger, Place, message_id, numbers_by_message, read_folder
from integration_tests.faults.load import Load
from integration_tests.faults.observer import Observer
from integration_tests.stack.process import children, command_line
from integration_tests.stack.quiet_logs import quiet_logs
from integration_tests.stack.stack import Stack

SEED = 2033
ROUNDS = {"local": 2, "compose": 1}
PROGRAMS = ("smtp_ingest", "mail_access", "postgres", "redis")
# Starting Python takes seconds when two cores are busy with everything else; the back-off begins at one second.
# Docker looks at a container's health every five.
BACK_WITHIN = timedelta(seconds=60)
Contents = Sequence[tuple[int, bytes]]  # UIDs and octets


@dataclass(frozen=True)
class Aftermath:
    """What the clients know, and what is kept, after the last of the killings."""

    ledger: Ledger
    observers: Sequence[Observer]
    kept: Mapping[Place, Contents]
    back_after: Mapping[str, Sequence[float]]  # seconds, by who was killed


def _kill_a_backend(stack: Stack) -> None:
    """PostgreSQL then ends all of them, and recovers by itself: the postmaster stays."""
    postmaster = stack.pid("postgres")
    assert postmaster is not None
    backends = [pid for pid in children(postmaster) if " agora " in command_line(pid)]
    os.kill(random.Random(SEED).choice(backends), signal.SIGKILL)


@pytest.fixture(scope="module")
def aftermath(mortal: Stack, revive: Callable[[], None]) -> Aftermath:
    chance = random.Random(SEED)
    members = [mortal.new_member("alice"), mortal.new_member("bob")]
    observers = [Observer(each, "INBOX") for each in members]
    back_after: dict[str, list[float]] = defaultdict(list)
    killings: dict[str, Callable[[], None]] = {name: partial(mortal.kill, name) for name in PROGRAMS}
    if mortal.kind == "local":
        killings["a backend of postgres"] = lambda: _kill_a_backend(mortal)
    with quiet_logs(mortal), Load(mortal, members, SEED) as load, ExitStack() as looking_on:
        for observer in observers:
            observer.start()
            looking_on.callback(observer.stop)
        load.wait_for_progress(BACK_WITHIN)
        turns = [name for _ in range(ROUNDS[mortal.kind]) for name in chance.sample(sorted(killings), len(killings))]
        if mortal.kind == "local":
            killings["the supervisor"] = revive
            turns.append("the supervisor")
        for name in turns:
            time.sleep(chance.uniform(0.1, 1))  # the load decides in the middle of what this ends
            begun = time.monotonic()
            killings[name]()
            mortal.wait_until_ready(BACK_WITHIN)
            load.wait_for_progress(BACK_WITHIN)
            back_after[name].append(time.monotonic() - begun)
    kept = {
        place: read_folder(promised[0].member, promised[0].folder) for place, promised in load.ledger.by_place().items()
    }
    return Aftermath(load.ledger, observers, kept, back_after)


def test_everything_comes_back_by_itself(aftermath: Aftermath) -> None:
    print({name: [f"{each:.1f} s" for each in took] for name, took in aftermath.back_after.items()})
    print(f"{len(aftermath.ledger.acknowledged)} acknowledged; cut off or refused: {aftermath.ledger.not_acknowledged}")
    assert all(took <= BACK_WITHIN.total_seconds() for each in aftermath.back_after.values() for took in each)


def test_every_acknowledged_message_is_there_byte_for_byte(aftermath: Aftermath) -> None:
    for place, promised in aftermath.ledger.by_place().items():
        kept = {message_id(octets): octets for _, octets in aftermath.kept[place]}
        for each in promised:
            octets = kept.get(each.message_id)
            assert octets is not None, f"{each.message_id!r} by {each.writer} is not in {place}"
            trace = octets[: -len(each.octets)]
            assert octets.endswith(each.octets)
            assert trace.startswith(b"Return-Path: ") if each.has_trace else not trace


def test_no_message_is_there_twice(aftermath: Aftermath) -> None:
    for place, contents in aftermath.kept.items():
        twice = {name: uids for name, uids in numbers_by_message(contents).items() if len(uids) > 1}
        assert not twice, f"in {place}: {twice}"


def test_numbers_ascend_and_none_is_given_twice(aftermath: Aftermath) -> None:
    for contents in aftermath.kept.values():
        uids = [uid for uid, _ in contents]
        assert all(earlier < later for earlier, later in pairwise(uids))


def test_messages_of_one_connection_are_in_the_order_of_their_acknowledgement(aftermath: Aftermath) -> None:
    for place, promised in aftermath.ledger.by_place().items():
        numbers = numbers_by_message(aftermath.kept[place])
        for writer in aftermath.ledger.by_writer:
            uids = [numbers[each.message_id][0] for each in promised if each.writer == writer]
            assert uids == sorted(uids), f"{writer} in {place}"


def test_the_number_that_append_told_names_that_message(aftermath: Aftermath) -> None:
    for place, promised in aftermath.ledger.by_place().items():
        kept = dict(aftermath.kept[place])
        assert all(kept[each.uid] == each.octets for each in promised if each.uid is not None)


def test_a_number_seen_before_a_crash_names_the_same_message_after_it(aftermath: Aftermath) -> None:
    for observer in aftermath.observers:
        assert observer.seen
        assert not observer.contradictions
        kept = {uid: message_id(octets) for uid, octets in aftermath.kept[observer.member.name, observer.folder]}
        assert {uid: kept.get(uid) for uid in observer.seen} == observer.seen
