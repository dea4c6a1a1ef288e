"""Every error that a robot can meet has a sentence; a bug says nothing of itself."""

from __future__ import annotations

from shared.robots import errors as robots
from shared.robots.query import RobotQuery
from shared.robots.refusals import INTERNAL, REFUSALS, refusal
from shared.testing.error_replies import without_reply
from shared.wiki import errors as wiki

# What a robot does not do, tries again, or finds out by other means.
ELSEWHERE = (
    robots.LeaseLost, robots.TooManyJobs, wiki.AttachmentNotFound, wiki.MayNotReadPages, wiki.PageTaken,
    wiki.RevisionMoved, wiki.StaleEdit, wiki.TooManySaves, wiki.TooManyWatches, wiki.TooMuchToFormat,
)  # fmt: skip


def test_every_error_has_a_sentence_unless_it_belongs_elsewhere() -> None:
    assert without_reply(REFUSALS, (robots, wiki), ELSEWHERE) == set()


def test_a_bug_tells_nothing() -> None:
    query = RobotQuery(None, "Page", "x", b"", "a@b.test", "", b"")
    answer = refusal(query, ZeroDivisionError("secret"))
    assert INTERNAL in answer.text
    assert "secret" not in answer.text
