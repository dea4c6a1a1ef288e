"""Questions that addresses elsewhere are sent, whether something is their own wish: nobody is asked often.

Whoever wants to annoy somebody sends them three mails a day; with many networks or accounts, as many as the last number
to all the world.
"""

from __future__ import annotations

from datetime import timedelta

from shared.database.transaction import Transaction
from shared.outbound.errors import TooManyQuestions

MOST_TO_ADDRESS, OF_ADDRESS = 3, timedelta(days=1)
MOST_FOR_NETWORK, MOST_IN_ALL, OF_NETWORK = 20, 500, timedelta(hours=1)

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('questions elsewhere', 0))"  # they are counted one by one
_COUNTS = """
    SELECT count(*) FILTER (WHERE address = %(address)s),
           count(*) FILTER (WHERE network = %(network)s AND asked_at > now() - %(hour)s),
           count(*) FILTER (WHERE asked_at > now() - %(hour)s)
    FROM remote_question WHERE asked_at > now() - %(day)s
"""
_NOTE = "INSERT INTO remote_question (address, network) VALUES (%(address)s, %(network)s)"
_FORGET = "DELETE FROM remote_question WHERE asked_at < now() - %(day)s"


def lock_questions(tx: Transaction) -> None:
    """Until the transaction ends nobody else counts a question."""
    tx.execute(_LOCK)


def count_question(tx: Transaction, address: str, network: str) -> None:
    """Note a question to `address`, asked for from `network`, or by an account. After lock_questions().

    Raises TooManyQuestions.
    """
    wanted = {"address": address.lower(), "network": network, "day": OF_ADDRESS, "hour": OF_NETWORK}
    row = tx.row(_COUNTS, wanted)
    assert row is not None
    if row[0] >= MOST_TO_ADDRESS or row[1] >= MOST_FOR_NETWORK or row[2] >= MOST_IN_ALL:
        raise TooManyQuestions
    tx.execute(_FORGET, wanted)
    tx.execute(_NOTE, wanted)
