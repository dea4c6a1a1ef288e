"""Names of rooms are names of newsgroups (RFC 5536 §3.1.4)."""

from __future__ import annotations

import pytest

from shared.rooms.errors import BadRoomName
from shared.rooms.name import room_name


@pytest.mark.parametrize(
    "name", ["agora.general", "local.programming.python", "c++", "rss.a-b_c", "alt.2600x", "x" * 80]
)
def test_names_of_newsgroups_are_names_of_rooms(name: str) -> None:
    assert room_name(name) == name


def test_a_name_is_kept_in_lower_case() -> None:
    assert room_name("Local.Knitting") == "local.knitting"


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "a.", ".a", "a..b", "a b", "a/b", "a,b", "a!b", "straße.x", "a\n", "a*", "x" * 81),
        *("2600", "alt.2600", "example", "example.x", "to.x", "control", "control.cancel", "junk", "poster", "x.all"),
        *("ctl.x",),
    ],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BadRoomName):
        room_name(name)
