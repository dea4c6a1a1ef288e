"""The intake: how much of messages under way one process holds, for all its clients and for each address.

A message under way is one that a client is sending and that no store has yet. What is counted is given back when the
message is in the store, refused, or its connection is gone.
"""

from __future__ import annotations

from typing import Final

from shared.conversation.peer import Peer

# Nearly all mail is under 64 KiB: room for 640 at once. With what an eighth of unused room and the connections take,
# the process grows by less than 64 MB.
MEMORY_OCTETS = 40 << 20
FILE_OCTETS = 2 << 30  # forty messages of 50 MiB at once
ENVELOPE_OCTETS = 32 << 20  # some 25,000 recipients; what is above is sent again in the next transaction
SHARE = 4  # one address may have a quarter: it takes four to keep out others, and a relay has room for ten large ones


class OctetPool:
    """Octets of one kind: so many for all, of which an address has its share."""

    __slots__ = ("_by_network", "_most", "_most_of_one", "octets")

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._by_network: dict[str, int] = {}
        self.octets = 0

    def room(self, network: str | None) -> int:
        """How many octets `network` may take now; for None only the limit for all holds."""
        room = self._most - self.octets
        return room if network is None else min(room, self._most_of_one - self._by_network.get(network, 0))

    def take(self, network: str | None, octets: int) -> bool:
        """Count `octets` if there is room for them; False if there is not."""
        in_all = self.octets + octets
        if in_all > self._most:
            return False
        if network is not None:
            of_one = self._by_network.get(network, 0) + octets
            if of_one > self._most_of_one:
                return False
            self._by_network[network] = of_one
        self.octets = in_all
        return True

    def give_back(self, network: str | None, octets: int) -> None:
        """Undo a `take`."""
        self.octets -= octets
        if network is not None:
            left = self._by_network[network] - octets
            if left:
                self._by_network[network] = left
            else:
                del self._by_network[network]


class Intake:
    """The pools of one process, for all its doors.

    `memory`: small messages, and the beginnings of large ones; without room there a message goes to a file at once.
    `files`: the temporary files; without room there a message is refused for the time being.
    `envelopes`: the recipients that clients have named.
    """

    __slots__ = ("envelopes", "files", "memory")

    def __init__(
        self, memory_octets: int = MEMORY_OCTETS, file_octets: int = FILE_OCTETS, largest_message_octets: int = 0
    ) -> None:
        """An address may always have one message of `largest_message_octets` under way."""
        self.memory = OctetPool(memory_octets, memory_octets // SHARE)
        file_octets = max(file_octets, largest_message_octets)
        self.files = OctetPool(file_octets, max(file_octets // SHARE, largest_message_octets))
        self.envelopes = OctetPool(ENVELOPE_OCTETS, ENVELOPE_OCTETS // SHARE)

    def claim(self, peer: Peer) -> Claim:
        """The claim of `peer`: what its connections take counts against its address.

        This machine itself has no such limit, because a relay or a web mail on it brings everybody's mail.
        """
        return Claim(self, None if peer.is_loopback else peer.network)


class Claim:
    """One client's share of the pools, from which its connections take."""

    __slots__ = ("intake", "network")

    def __init__(self, intake: Intake, network: str | None) -> None:
        self.intake = intake
        self.network = network

    def has_file_room(self, octets: int) -> bool:
        return self.intake.files.room(self.network) >= octets


UNBOUNDED: Final = Claim(Intake(1 << 62, 1 << 62), None)  # for spools that hold what is counted elsewhere
