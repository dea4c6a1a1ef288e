"""Questions about sessions in the store, their answers, and the lines of a session that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg2.extras import Json

from shared.control.sessions.channel import SessionsAsked
from shared.database.transaction import Transaction

LIST, END, WATCH = "list", "end", "watch"
QUESTION_LIFE = timedelta(minutes=1)  # whoever asked has gone by then; a watch lives until its end
UNREAD = timedelta(seconds=15)  # whoever watches and does not read for so long is gone
MOST_LINES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class SessionQuestion:
    """`account`: only its sessions are meant. `session`, `until`: the one to end or to watch, and for how long."""

    id: int
    kind: str
    account: str | None = None
    session: str | None = None
    until: datetime | None = None


class ShownLines(NamedTuple):
    """The position behind these lines, and whether the session is over behind them."""

    position: int
    lines: Sequence[str]
    over: bool


def ask_sessions(
    tx: Transaction, kind: str, account: str | None, session: str | None = None, watched: timedelta | None = None
) -> int:
    """Ask; returns the question's number."""
    tx.execute("DELETE FROM session_question WHERE coalesce(until, asked_at) < now() - %s", (QUESTION_LIFE,))
    number: int = tx.value(
        "INSERT INTO session_question (kind, account, session, until) VALUES (%s, %s, %s, now() + %s) RETURNING id",
        (kind, account, session, watched),
    )
    tx.announce(SessionsAsked(number))
    return number


def questions_for(tx: Transaction, process: UUID) -> Sequence[SessionQuestion]:
    """Those that the process has not answered."""
    rows = tx.rows(
        "SELECT id, kind, account, session, until FROM session_question AS question"
        " WHERE asked_at > now() - %s AND NOT EXISTS"
        " (SELECT FROM session_answer WHERE question_id = question.id AND process = %s::uuid) ORDER BY id LIMIT 100",
        (QUESTION_LIFE, str(process)),
    )
    return [SessionQuestion(*row) for row in rows]


def answer_question(tx: Transaction, question: int, process: UUID, answer: Any) -> None:
    """Nothing happens where nobody waits for the answer any more."""
    tx.execute_with_next("SET LOCAL synchronous_commit TO off")
    tx.execute(
        "INSERT INTO session_answer (question_id, process, answer)"
        " SELECT id, %s::uuid, %s FROM session_question WHERE id = %s FOR KEY SHARE ON CONFLICT DO NOTHING",
        (str(process), Json(answer), question),
    )


def answers_to(tx: Transaction, question: int) -> Mapping[UUID, Any]:
    """The answers that are there, by process."""
    rows = tx.rows("SELECT process, answer FROM session_answer WHERE question_id = %s", (question,))
    return {UUID(str(process)): answer for process, answer in rows}


def end_question(tx: Transaction, question: int) -> None:
    """Nobody waits any more: a watch ends."""
    tx.execute("DELETE FROM session_question WHERE id = %s", (question,))


def show_lines(tx: Transaction, question: int, lines: Sequence[str | None]) -> bool:
    """Keep lines for whoever watches; False if nobody does any more."""
    tx.execute_with_next("SET LOCAL synchronous_commit TO off")
    watched = tx.value(
        "SELECT id FROM session_question WHERE id = %s AND until > now() AND read_at > now() - %s FOR KEY SHARE",
        (question, UNREAD),
    )
    if watched is None:
        return False
    tx.insert_many("INSERT INTO session_line (question_id, line) VALUES %s", [(question, line) for line in lines])
    return True


def note_reader(tx: Transaction, question: int, position: int) -> None:
    """Whoever watches is still there, and has read the lines up to `position`."""
    tx.execute_with_next("SET LOCAL synchronous_commit TO off")
    tx.execute("UPDATE session_question SET read_at = now() WHERE id = %s", (question,))
    tx.execute("DELETE FROM session_line WHERE question_id = %s AND id <= %s", (question, position))


def shown_lines(tx: Transaction, question: int, position: int) -> ShownLines:
    """The lines behind `position`."""
    rows = tx.rows(
        "SELECT id, line FROM session_line WHERE question_id = %s AND id > %s ORDER BY id LIMIT %s",
        (question, position, MOST_LINES_AT_ONCE),
    )
    lines = [line for _, line in rows if line is not None]
    return ShownLines(rows[-1][0] if rows else position, lines, len(lines) < len(rows))
