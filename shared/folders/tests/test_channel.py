"""The octets that folders' news travel as."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.folders.channel import FOLDERS, FolderChanged

positions = st.integers(1, 2**62)


@given(st.lists(st.tuples(st.integers(1, 9) | positions, positions), min_size=1))
def test_of_a_folder_the_newest_position_arrives(folders: list[tuple[int, int]]) -> None:
    newest: dict[int, int] = {}
    for folder_id, modseq in folders:
        newest[folder_id] = max(modseq, newest.get(folder_id, 0))
    assert dict(FOLDERS.read(FOLDERS.write(FolderChanged(*each) for each in folders))) == newest


@given(st.binary())
def test_any_message_can_be_read(message: bytes) -> None:
    list(FOLDERS.read(message))


def test_the_octets_are_those_of_other_releases() -> None:
    assert FOLDERS.write([FolderChanged(7, 12), FolderChanged(8, 1)]) == b"7 12,8 1"
    assert list(FOLDERS.read(b"1 2,3,x y,4 5 6,7 8")) == [(1, 2), (7, 8)]
