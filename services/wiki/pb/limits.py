"""The bounds of a connection of Perspective Broker.

Twisted's own broker has one for each string and list alone: what a peer sends in all may be as much as it likes.
"""

from __future__ import annotations

LONGEST_STRING = 640 * 1024  # octets; what Twisted's clients take and send (`banana.SIZE_LIMIT`)
LONGEST_EXPRESSION = 768 * 1024  # octets of one message in all: a longest string, and what is around it
MOST_ITEMS = 2000  # in one message; a call has some twenty
MOST_DEPTH = 16  # lists in each other; a call has four
LONGEST_PREFIX = 10  # octets of a number, 70 bits; nothing here is larger than 64
MOST_UNDER_WAY = 32  # calls of a connection that are being answered; no more is read meanwhile
MOST_OBJECTS = 32  # of ours that a client holds references to: a reporter, challengers, perspectives
MOST_WATCHES = 100  # of pages, by one connection
UNREAD_SECONDS = 60.0  # a client that takes no answers for so long is cut off
