"""Messages made to be slow take time in proportion to their size, no more."""

from __future__ import annotations

import pytest

from shared.messages.fields import header_fields
from shared.messages.overview import overview_fields
from shared.messages.render import render
from shared.messages.scan import scan
from shared.messages.search_text import search_text
from shared.testing.fastest import processor_seconds
from shared.testing.messages.hostile import HOSTILE

_SMALL_OCTETS = 64 << 10  # limits on depth and number are reached below: from here on time must not grow faster
_TIMES_LARGER = 8
# Eight times the octets may take this many times as long: quadratic would be 64. Caches and collections are noise.
_MOST_TIMES_SLOWER = 24
_NOISE = 0.05  # seconds: what takes less is fast enough whatever the ratio


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_message_takes_linear_time(name: str) -> None:
    make = HOSTILE[name]
    small, large = _seconds(make(_SMALL_OCTETS)), _seconds(make(_SMALL_OCTETS * _TIMES_LARGER))
    assert large < max(small * _MOST_TIMES_SLOWER, _NOISE)


def _seconds(octets: bytes) -> float:
    """Processor time of all that is ever done to a message."""

    def work() -> None:
        render(octets)
        search_text(octets)
        overview_fields(octets)
        header = octets[: scan(octets).body_start]
        header_fields(header, [b"to", b"subject"])
        header_fields(header, [b"to"], exclude=True)

    return processor_seconds(work)
