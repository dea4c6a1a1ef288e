"""A robot: a function that reads a message and says what is to be done about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from shared.database.transaction import Transaction
from shared.robots.answer import RobotAnswer
from shared.robots.parts import RobotParts
from shared.robots.query import RobotQuery

# What changes the store and gives the answer, in the transaction that ends the job; it may run more than once.
Work = Callable[[Transaction], RobotAnswer]
# Reads, which may take long; changes nothing. What it raises, or its work, is answered by refusals.py.
Robot = Callable[[RobotParts, RobotQuery], Awaitable[Work]]


def says(answer: RobotAnswer) -> Work:
    """The work of a robot that only answers."""
    return lambda _tx: answer
