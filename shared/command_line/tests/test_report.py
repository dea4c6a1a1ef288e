"""The report of a supervisor to the command that started it, and the last lines of a log."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from shared.command_line.stack.supervisor.log_tail import LogMark, last_lines
from shared.command_line.stack.supervisor.report import (
    AdminCreated,
    Failed,
    News,
    Notice,
    Ready,
    Step,
    read_news,
    write_news,
)

ALL_NEWS = [Step("Redis answers", 0.25), AdminCreated("admin", "a-b"), Notice("x"), Failed("why", "a\nb"), Ready(1.5)]


@pytest.mark.parametrize("news", ALL_NEWS, ids=lambda news: type(news).__name__)
def test_news_arrive_as_they_were_sent(news: News) -> None:
    pipe = io.StringIO()
    write_news(pipe, news)
    assert pipe.getvalue().count("\n") == 1
    assert read_news(pipe.getvalue()) == news


def test_a_mark_leaves_out_what_an_earlier_run_wrote(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("old\n")
    mark = LogMark(log)
    with log.open("a") as file:
        file.write("new\n")
    assert mark.tail() == "new"


def test_a_log_that_was_rotated_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("long ago\n" * 10)
    mark = LogMark(log)
    log.write_text("new\n")
    assert mark.tail() == "new"


def test_only_the_last_lines_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("".join(f"{number}\n" for number in range(100)))
    assert last_lines(log, count=2) == "98\n99"


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert LogMark(tmp_path / "none.log").tail() == ""
