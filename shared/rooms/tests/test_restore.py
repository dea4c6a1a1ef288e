"""A room that is restored from a backup gives no number twice: newsreaders may know those that came after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.database.archive import dump, load_into_empty
from shared.database.connection import open_connection
from shared.database.embedded import EmbeddedPostgres
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.rooms.cancels.cancel import cancel_everywhere
from shared.rooms.cancels.undo_cancel import undo_everywhere
from shared.rooms.find_room import find_room
from shared.rooms.reading import articles
from shared.rooms.reading.water import water_of
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted, uids


@pytest.fixture
def other_store(session_dir: Path) -> Iterator[str]:
    server = EmbeddedPostgres(session_dir / "restored-rooms", scratch=True)
    yield server.start()
    server.stop()


def test_numbers_go_on_above_those_that_came_after_the_backup(
    transaction: Transaction, database_url: str, other_store: str, tmp_path: Path
) -> None:
    room = an_open_room(transaction, "a.b")
    posted(transaction, *(a_post(room, octets=an_article(identifier=f"<{number}@x>")) for number in (1, 2, 3)))
    cancel_everywhere(transaction, b"<2@x>")
    transaction.commit()
    dump(database_url, tmp_path / "agora.dump")
    later = [uids(result)[0] for result in posted(transaction, *(a_post(room) for _ in range(50)))]
    transaction.commit()

    with (tmp_path / "agora.dump").open("rb") as source:
        load_into_empty(other_store, source)
    connection = open_connection(other_store, StoreLimits(), "test")
    restored = Transaction(connection)
    again = find_room(restored, "a.b")
    line = articles.by_number(restored, again.folder_id, 3).overview
    assert line.endswith(b"Xref: news.example.org a.b:3\r\n")
    assert undo_everywhere(restored, b"<2@x>").numbers == [(again.folder_id, 2)]
    (new,) = posted(restored, a_post(again))
    assert uids(new)[0] > max(later)
    assert water_of(restored, again.folder_id).high == uids(new)[0]
    restored.commit()
    connection.close()
