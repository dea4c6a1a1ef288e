"""LIST MOTD is the file of the operator as it is now; LIST MODERATORS says where mail for a moderated group is held."""

from __future__ import annotations

from pathlib import Path

from services.news_gateway.nntp.message_of_the_day import MOST_OCTETS, MessageOfTheDay
from services.news_gateway.nntp.tests.conftest import News
from services.news_gateway.nntp.tests.test_strangers import say

GREETING = "S~ 20? *\n"


def test_the_message_of_the_day_is_read_each_time(news: News, tmp_path: Path) -> None:
    say(news, f"{GREETING}C: LIST MOTD\nS: 215 list follows\nS: .\n")
    (tmp_path / "motd").write_text("Tea at four.\n.dotted\n\u2026", encoding="utf-8")
    expected = "S: 215 list follows\nS: Tea at four.\nS: ..dotted\nS: \u2026\nS: .\n"
    say(news, f"{GREETING}C: LIST MOTD\n{expected}")


def test_a_file_of_any_octets_and_size_is_cut_and_read(tmp_path: Path) -> None:
    (tmp_path / "motd").write_bytes(b"\xff\0\n" * MOST_OCTETS)
    octets = MessageOfTheDay(tmp_path / "motd").read()
    assert len(octets) < 2 * MOST_OCTETS
    assert set(octets.split(b"\r\n")) <= {"\ufffd".encode(), b""}
    assert MessageOfTheDay(tmp_path / "none").read() == MessageOfTheDay(tmp_path).read() == b""


def test_moderated_groups_have_the_address_at_which_mail_is_held(news: News) -> None:
    news.transaction.execute("UPDATE room SET moderated = true WHERE name IN ('local.tea', 'local.members')")
    news.transaction.commit()
    say(news, f"{GREETING}C: LIST MODERATORS\nS: 215 list follows\nS: local.tea:local.tea@example.test\nS: .\n")
