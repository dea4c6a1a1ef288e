"""Numbers by the thousand between PostgreSQL and arrays, without a Python object for each.

On the way out, `string_agg(int4send(uid), '')` makes one bytea of a column; on the way in, an array literal is one
bound parameter that PostgreSQL parses a hundred times faster than the ARRAY[…] expression psycopg2 makes of a list.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from itertools import islice

_PIECE_NUMBERS = 4096  # written in one go, for half a millisecond in which no other thread of the process may run

# The C types behind array's codes: 4 and 8 bytes on every platform that PostgreSQL's drivers run on.
assert array("I").itemsize == 4
assert array("q").itemsize == 8


def unsigned_32(packed: bytes | None) -> array[int]:
    """UIDs or sizes from aggregated int4send(); NULL, which aggregates of nothing give, is the empty array."""
    return _from_network(array("I"), packed)


def signed_64(packed: bytes | None) -> array[int]:
    """Ids, flags or modseqs from aggregated int8send()."""
    return _from_network(array("q"), packed)


def _from_network(numbers: array[int], packed: bytes | None) -> array[int]:
    if packed:
        numbers.frombytes(packed)
        if sys.byteorder == "little":
            numbers.byteswap()
    return numbers


def array_literal(numbers: Iterable[int]) -> str:
    """A parameter for `%s::integer[]` or `%s::bigint[]`."""
    if isinstance(numbers, tuple) and len(numbers) <= _PIECE_NUMBERS:  # as nearly all are
        return "{" + ("%d," * len(numbers) % numbers)[:-1] + "}"
    rest = iter(numbers)
    pieces: list[str] = []
    while piece := tuple(islice(rest, _PIECE_NUMBERS)):
        pieces.append("%d," * len(piece) % piece)  # in a third of the time that str() of each takes
    return "{" + "".join(pieces)[:-1] + "}"
