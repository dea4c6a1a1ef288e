"""Articles that `agora news post` makes of what was typed."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.command_line.news.client.compose import compose
from shared.rooms.article_header import read_article


def test_many_groups_with_long_names_are_written_as_they_are() -> None:
    groups = ["a." * 39 + "bc", "local.tea", "local.knitting"]
    written = compose("Ann <ann@example.org>", groups, "x", "y")
    header = read_article(written.octets, datetime.now(UTC))
    assert (header.groups, header.identifier) == (groups, written.message_id.encode())
