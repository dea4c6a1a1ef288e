"""The player takes what a transcript allows and names the line of what it does not."""

from __future__ import annotations

import pytest
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock

from shared.conversation.conversation import Conversation
from shared.conversation.ending import Ending
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.testing.player import Difference, play, play_in_memory
from shared.testing.serving import serving
from shared.testing.transcript import TranscriptBroken, parse


class Parrot(Conversation):
    """Repeats every line; counts in FETCH."""

    async def converse(self) -> None:
        """Until QUIT."""
        self.write(b"* OK [NUMBER 42] ready\r\n")
        while (line := await self.read_line()) is not None:
            self.write(line + b"\r\n")
            if line == b"SQUAWK":
                self.write(b"{3}\r\n\0\xff\n)\r\n")
            if line == b"QUIT":
                return

    def farewell(self, ending: Ending) -> bytes:
        """By name."""
        return f"* BYE {ending.name}\r\n".encode()


def parrots(clock: Clock | None = None) -> Factory:
    """A door to parrots."""
    return ConversationFactory(Parrot, name="parrot", clock=clock or Clock(), limits=Limits())


GOOD = r"""
# nowhere: a parrot repeats
S~ \* OK [NUMBER {number}] read?
C: hello {number} {12} {unknown}
S: hello 42 {12} {unknown}
C: one
C: two
S> tw*
C| half
C| \s\x41\0\r\n
S| half A\0\r\n
C* 3 ab
C:
S: ababab
C: SQUAWK
S: SQUAWK
S| {3}\r\n\0\xff\n)\r\n
E: something else
C: Grüße
S: Grüße
C: QUIT
S: QUIT
E: the server closes
"""


def test_every_mark_is_played_in_memory() -> None:
    happened: list[str] = []
    taken = play_in_memory(parse(GOOD), parrots(), events={"something else": lambda: happened.append("it")})
    assert taken == {"number": "42"}
    assert happened == ["it"]


def test_every_mark_is_played_over_tcp() -> None:
    from shared.testing.reactor import running_reactor

    with serving(parrots(running_reactor())) as port:
        assert play(parse(GOOD), "127.0.0.1", port, events={"something else": lambda: None}) == {"number": "42"}


def test_time_passes_when_told() -> None:
    clock = Clock()
    play_in_memory(parse("S~ *\nE: 301 seconds pass\nS: * BYE IDLE\nE: the server closes"), parrots(clock), clock=clock)


@pytest.mark.parametrize(
    "wrong",
    [
        "S: * OK",
        "S~ \\* OK",
        "S~ *\nC: a\nS~ b*",
        "S~ *\nS: more",
        "S~ *\nE: the server closes",
        "S~ *\nC: QUIT\nE: the server closes",
        "S~ *\nC: left over",
        "S~ {x} [*\nC: {x}\nS: {x} not",
        "E: unheard of",
        "S| \\*",
    ],
)
def test_difference_names_its_line(wrong: str) -> None:
    with pytest.raises(Difference):
        play_in_memory(parse(wrong), parrots())


@pytest.mark.parametrize("broken", ["X: what", "C hello", "S:no space"])
def test_unknown_mark_is_refused(broken: str) -> None:
    with pytest.raises(TranscriptBroken, match="t:2"):
        parse("\n" + broken, "t")


def test_star_in_an_expected_line_is_only_a_star() -> None:
    with pytest.raises(Difference, match="expected"):
        play_in_memory(parse("S: *"), parrots())
