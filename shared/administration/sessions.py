"""Sessions: who is connected by which door at every copy; one ended, one watched.

Every process answers for its own sessions; a caller asks, reads the answers until all are there or time is up, and ends
the question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from shared.control.process import list_processes
from shared.control.sessions import questions
from shared.control.sessions.errors import NotShown, SessionNotFound
from shared.control.sessions.questions import ShownLines
from shared.database.transaction import Transaction

__all__ = ["ShownLines"]

LONGEST_WATCH = timedelta(hours=1)


class SessionAnswers(NamedTuple):
    """The answers so far. `missing`: the copies (HOST:PID) that have not answered."""

    answers: Sequence[Mapping[str, Any]]
    missing: Sequence[str]

    @property
    def sessions(self) -> Sequence[Mapping[str, Any]]:
        """All that are listed, the oldest first."""
        found = [session for answer in self.answers for session in answer["sessions"]]
        return sorted(found, key=lambda each: (each["since"], each["id"]))

    @property
    def left_out(self) -> int:
        """How many there are besides."""
        return sum(answer["total"] - len(answer["sessions"]) for answer in self.answers)


def ask_for_all(tx: Transaction, account: str | None = None) -> int:
    """Ask for the sessions of one account, or all; returns the question."""
    return questions.ask_sessions(tx, questions.LIST, account)


def ask_to_end(tx: Transaction, session: str, account: str | None = None) -> int:
    """Ask to end a session, if it is one of this account; returns the question."""
    return questions.ask_sessions(tx, questions.END, account, session)


def ask_to_watch(tx: Transaction, session: str, watched: timedelta) -> int:
    """Ask to be shown a session for so long; returns the question."""
    return questions.ask_sessions(tx, questions.WATCH, None, session, min(watched, LONGEST_WATCH))


def answers(tx: Transaction, question: int) -> SessionAnswers:
    """What the copies that are seen have answered."""
    given = questions.answers_to(tx, question)
    missing = [each.name for each in list_processes(tx) if each.report.id not in given]
    return SessionAnswers(list(given.values()), missing)


def is_found(told: SessionAnswers, session: str) -> bool:
    """Whether one copy has it. Raises SessionNotFound when none of all has, NotShown when it cannot be watched."""
    for answer in told.answers:
        if answer["found"]:
            if not answer.get("shown", True):
                raise NotShown(session)
            return True
    if not told.missing:
        raise SessionNotFound(session)
    return False


def lines(tx: Transaction, question: int, position: int) -> ShownLines:
    """What a session that is watched has said behind `position`."""
    return questions.shown_lines(tx, question, position)


def go_on(tx: Transaction, question: int, position: int) -> None:
    """Whoever watches a session is still there; to be said every few seconds."""
    questions.note_reader(tx, question, position)


def end(tx: Transaction, question: int) -> None:
    """No more is wanted of this question."""
    questions.end_question(tx, question)
