"""The bounds of an XML-RPC request; that of its octets is the page's own (the body's bound of the door)."""

from __future__ import annotations

MOST_DEPTH = 64  # elements in each other; a struct in an array in a struct takes 14
MOST_VALUES = 10_000  # a multicall of 100 with 10 arguments each has 1,300
MOST_NAME = 100  # characters of a method's or a member's name
MOST_CALLS = 100  # in a system.multicall
SLICE_OCTETS = 64 * 1024  # parsed at a time: about a millisecond
