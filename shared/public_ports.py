"""The ports at which programs elsewhere reach the doors, as the setting AGORA_PUBLIC_PORTS has them.

They are told to mail programs that set themselves up, published in DNS, and written into addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.doors import DOORS, HIGHEST_PORT

CLOSED = "off"
_NAMES = frozenset(door.name for door in DOORS)


def read_public_ports(words: Iterable[str]) -> Mapping[str, int | None]:
    """The port of each door that is named, None for one that is closed. Of a door that is named twice the last counts.

    A word is `imaps=993`, `imaps=off`, or `imaps=0.0.0.0:993` as compose publishes ports. Raises ValueError.
    """
    return dict(map(_read_word, words))


def _read_word(word: str) -> tuple[str, int | None]:
    name, _, place = word.partition("=")
    if name not in _NAMES:
        raise ValueError(f"names {name!r}, which is no door: {', '.join(sorted(_NAMES))}")
    if place == CLOSED:
        return name, None
    port = place.rpartition(":")[2]
    if not port.isdecimal() or not 0 < int(port) <= HIGHEST_PORT:
        raise ValueError(f"names {place!r} for {name}, which is no port: a number from 1 to {HIGHEST_PORT}, or off")
    return name, int(port)


def write_public_ports(ports: Mapping[str, int]) -> str:
    """The setting of a stack whose doors are at `ports`; those that have none are closed."""
    return " ".join(f"{door.name}={ports.get(door.name, CLOSED)}" for door in DOORS)
