"""Several sessions at random, pipelined, in turns, against plain Python that foretells every result: no difference."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest

from services.mail_access.imap.tests.conftest import Doors, House
from services.mail_access.imap.tests.mailbox_model import Flags, Mailbox
from services.mail_access.imap.tests.wire_client import Client, Result, ServerFault, as_int, facts_of, parse
from shared.give_way import TURN_SECONDS

FLAGS = [rb"\Seen", rb"\Deleted", rb"\Flagged", rb"\Answered", rb"\Draft", b"Work", b"$Junk", b"Later"]
BOXES = [b"INBOX", b"Archive", b"Other"]
STEPS = 2500
SECONDS = 20  # the steps stop then, on a machine that is busy with something else


class Player:
    """One session, what it may do at random, and the model's opinion of the results."""

    def __init__(self, name: str, port: int, boxes: dict[bytes, Mailbox], dice: random.Random) -> None:
        self.name = name
        self.client = Client(port)
        self.client.do(b'LOGIN alice "correct horse"')
        self.boxes = boxes
        self.dice = dice
        self.box = b""
        self.select()

    def select(self) -> None:
        self.box = self.dice.choice(BOXES)
        self.client.messages = []
        command = self.dice.choice([b"SELECT %b", b"SELECT %b (CONDSTORE)"])
        result = self.client.do(command % self.box)
        told = [line for line in result.untagged if line.endswith(b"EXISTS")]
        self.equal(told, [b"%d EXISTS" % len(self.model.messages)])
        self.learn_uids()

    @property
    def model(self) -> Mailbox:
        return self.boxes[self.box]

    def equal(self, told: object, expected: object) -> None:
        if told != expected:
            raise ServerFault(f"{self.name} in {self.box!r}: told {told!r}, expected {expected!r}")

    def learn_uids(self) -> None:
        if self.client.messages:
            self.client.do(b"FETCH 1:* (UID FLAGS)")

    # -- what the client believes, against the model

    def compare(self) -> None:
        """After a NOOP everything is told."""
        self.client.do(b"NOOP")
        uids = list(self.model.messages)
        self.equal(len(self.client.messages), len(uids))
        for known, uid in zip(self.client.messages, uids, strict=True):
            self.equal(known.uid or uid, uid)
            self.equal(known.flags or self.model.messages[uid].flags, self.model.messages[uid].flags)
        self.learn_uids()

    # -- what it may do

    def step(self) -> None:
        moves: Sequence[tuple[int, Callable[[], None]]] = [
            (12, self.append), (16, self.store), (10, self.fetch), (6, self.fetch_bodies), (10, self.search),
            (6, self.copy), (5, self.move), (6, self.expunge), (4, self.uid_expunge), (8, self.compare),
            (4, self.status), (3, self.select), (2, self.close),
        ]  # fmt: skip
        self.dice.choices([move for _, move in moves], [weight for weight, _ in moves])[0]()

    def some(self) -> list[tuple[int, int]]:
        """Numbers and UIDs of some messages that the client knows."""
        known = [(number, each.uid) for number, each in enumerate(self.client.messages, 1) if each.uid is not None]
        return sorted(self.dice.sample(known, min(len(known), self.dice.randint(1, 6))))

    def some_flags(self) -> Flags:
        return frozenset(self.dice.sample(FLAGS, self.dice.randint(0, 3)))

    def addressed(self, chosen: Sequence[tuple[int, int]]) -> tuple[bytes, bytes]:
        """A prefix, and the set: by number or by UID."""
        if self.dice.random() < 0.5:
            return b"UID ", b",".join(b"%d" % uid for _, uid in chosen)
        return b"", b",".join(b"%d" % number for number, _ in chosen)

    def append(self) -> None:
        """Several at once, without waiting; sometimes into the selected mailbox."""
        commands: list[bytes] = []
        expected: list[int] = []
        for _ in range(self.dice.randint(1, 4)):
            target, flags = self.dice.choice(BOXES), self.some_flags()
            octets = b"Subject: s%d\r\n\r\n%b\r\n" % (self.dice.randint(0, 9), self.dice.randbytes(4).hex().encode())
            commands.append(b"APPEND %b (%b) {%d+}\r\n%b" % (target, b" ".join(flags), len(octets), octets))
            expected.append(self.boxes[target].add(octets, flags))
        results = self.client.run(*commands)
        self.equal([int(result.code.split()[2]) for result in results], expected)

    def store(self) -> None:
        """A row of STOREs by number in one go: none may shift the numbers of the next."""
        chosen = self.some()
        if not chosen:
            return
        uids = [uid for _, uid in chosen]
        commands: list[bytes] = []
        foreseen: list[tuple[bytes, Flags, bool]] = []
        for _ in range(self.dice.randint(1, 3)):
            prefix, numbers = self.addressed(chosen) if not commands else (b"", self.addressed_by_number(chosen))
            action, flags = self.dice.choice([b"+", b"-", b""]), self.some_flags()
            if not flags and action:
                flags = frozenset([rb"\Seen"])
            silent = self.dice.choice([b"", b".SILENT"])
            commands.append(b"%bSTORE %b %bFLAGS%b (%b)" % (prefix, numbers, action, silent, b" ".join(flags)))
            foreseen.append((action, flags, bool(silent)))
            self.model.store(uids, action, flags)
            if prefix:
                break
        for result, (action, flags, is_silent) in zip(self.client.run_each(*commands), foreseen, strict=True):
            self.equal(result.condition, b"OK")
            if is_silent:
                self.foresee(uids, action, flags)

    def foresee(self, uids: Sequence[int], action: bytes, flags: Flags) -> None:
        """After a silent STORE a client works out the flags for itself."""
        for known in self.client.messages:
            if known.uid in uids and known.flags is not None:
                known.flags = {b"+": known.flags | flags, b"-": known.flags - flags, b"": flags}[action]

    @staticmethod
    def addressed_by_number(chosen: Sequence[tuple[int, int]]) -> bytes:
        return b",".join(b"%d" % number for number, _ in chosen)

    def fetch(self) -> None:
        chosen = self.some()
        if not chosen:
            return
        prefix, numbers = self.addressed(chosen)
        items = self.dice.choice([b"(UID FLAGS)", b"(UID FLAGS MODSEQ)", b"(UID RFC822.SIZE)", b"(UID INTERNALDATE)"])
        (result,) = self.client.run(b"%bFETCH %b %b" % (prefix, numbers, items))
        self.equal(result.condition, b"OK")

    def fetch_bodies(self) -> None:
        chosen = self.some()
        present = self.model.present(uid for _, uid in chosen)
        if not present:
            return
        peek = self.dice.choice([b"BODY.PEEK", b"BODY"])
        result = self.client.do(b"UID FETCH %b (UID %b[])" % (b",".join(b"%d" % uid for uid in present), peek))
        if peek == b"BODY":
            self.model.store(present, b"+", frozenset([rb"\Seen"]))
        bodies = {}
        for line in result.untagged:
            if b"BODY[]" in line:
                facts = facts_of(line)
                bodies[as_int(facts[b"UID"])] = facts[b"BODY[]"]
        self.equal(bodies, {uid: self.model.messages[uid].octets for uid in present})

    def search(self) -> None:
        self.client.do(b"NOOP")
        flag = self.dice.choice(FLAGS)
        key = b"KEYWORD " + flag if not flag.startswith(b"\\") else flag[1:].upper()
        number = self.dice.randint(0, 9)
        messages = self.model.messages
        tests: list[tuple[bytes, Callable[[int], bool]]] = [
            (key, lambda uid: flag in messages[uid].flags),
            (b"NOT " + key, lambda uid: flag not in messages[uid].flags),
            (b"SUBJECT s%d" % number, lambda uid: b"s%d" % number in messages[uid].octets.split(b"\r\n")[0]),
            (b"OR %b BODY %d" % (key, number),
             lambda uid: flag in messages[uid].flags or b"%d" % number in messages[uid].octets.split(b"\r\n\r\n")[1]),
        ]  # fmt: skip
        keys, test = self.dice.choice(tests)
        expected = [uid for uid in messages if test(uid)]
        if self.dice.random() < 0.5:
            (line,) = _lines(self.client.do(b"UID SEARCH " + keys), b"SEARCH")
            self.equal([int(word) for word in line.split()[1:]], expected)
            return
        (line,) = _lines(self.client.do(b"UID SEARCH RETURN (COUNT MIN MAX) " + keys), b"ESEARCH")
        told = dict(re.findall(rb"(COUNT|MIN|MAX) (\d+)", line))
        self.equal(int(told[b"COUNT"]), len(expected))
        if expected:
            self.equal((int(told[b"MIN"]), int(told[b"MAX"])), (expected[0], expected[-1]))

    def copy(self) -> None:
        self.transfer(b"COPY")

    def move(self) -> None:
        self.transfer(b"MOVE")

    def transfer(self, verb: bytes) -> None:
        chosen, target = self.some(), self.dice.choice(BOXES)
        if not chosen:
            return
        prefix, numbers = self.addressed(chosen)
        (result,) = self.client.run(b"%b%b %b %b" % (prefix, verb, numbers, target))
        uids = [uid for _, uid in chosen]
        if not prefix and self.model.present(uids) != uids:  # by number all are copied or none
            self.equal((result.condition, result.code), (b"NO", b"EXPUNGEISSUED"))
            return
        self.equal(result.condition, b"OK")
        operation = self.model.copy if verb == b"COPY" else self.model.move
        pairs = operation(uids, self.boxes[target])
        codes = [line for line in [b"[" + result.code + b"]", *result.untagged] if b"[COPYUID" in line]
        self.equal(bool(codes), bool(pairs))
        if pairs:
            _, _, source, copied = codes[0].partition(b"]")[0].split(b"[")[1].split()
            self.equal(list(zip(_expanded(source), _expanded(copied), strict=True)), pairs)

    def expunge(self) -> None:
        self.client.do(b"EXPUNGE")
        self.model.expunge()

    def uid_expunge(self) -> None:
        chosen = self.some()
        if chosen:
            self.client.do(b"UID EXPUNGE " + b",".join(b"%d" % uid for _, uid in chosen))
            self.model.expunge(uid for _, uid in chosen)

    def close(self) -> None:
        self.client.do(b"CLOSE")
        self.model.expunge()
        self.select()

    def status(self) -> None:
        box = self.dice.choice(BOXES)
        (line,) = _lines(self.client.do(b"STATUS %b (MESSAGES UIDNEXT UNSEEN SIZE)" % box), b"STATUS")
        items = parse(line)[-1]
        assert isinstance(items, list)
        told = {name: as_int(number) for name, number in zip(items[::2], items[1::2], strict=True)}
        self.equal(told, self.boxes[box].numbers())


def _lines(result: Result, word: bytes) -> list[bytes]:
    return [line for line in result.untagged if line.split(b" ")[0] == word]


def _expanded(numbers: bytes) -> list[int]:
    found: list[int] = []
    for item in numbers.split(b","):
        low, _, high = item.partition(b":")
        found += range(int(low), int(high or low) + 1)
    return found


@pytest.fixture
def players(house: House, door: Doors) -> Iterator[Callable[[int, int, float], list[Player]]]:
    with ExitStack() as stack:

        def make(count: int, seed: int, turn_seconds: float) -> list[Player]:
            imap_port = door(turn_seconds=turn_seconds)
            dice = random.Random(seed)
            boxes = {box: Mailbox() for box in BOXES}
            first = Client(imap_port)
            first.do(b'LOGIN alice "correct horse"')
            first.do(b"CREATE Other")
            first.close()
            made = []
            for number in range(count):
                made.append(Player(f"session {number}", imap_port, boxes, dice))
                stack.callback(made[-1].client.close)
            return made

        yield make


@pytest.mark.parametrize("turn_seconds", [TURN_SECONDS, 0.0])
def test_sessions_in_turns_agree_with_the_model(
    players: Callable[[int, int, float], list[Player]], turn_seconds: float
) -> None:
    """Also where every command gives way to others as often as it can."""
    seed = 20240701
    dice = random.Random(seed)
    sessions = players(4, seed, turn_seconds)
    until = time.monotonic() + SECONDS
    for _ in range(STEPS):
        dice.choice(sessions).step()
        if time.monotonic() > until:
            break
    for session in sessions:
        session.compare()
