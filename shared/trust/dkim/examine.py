"""All signatures of a message, DKIM's and ARC's: read, and verified once their keys are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.trust.dkim.arc import RESULTS, SEAL, SIGNATURE, Chain, read_chain, verify_chain
from shared.trust.dkim.signature import Signature
from shared.trust.dkim.signed_message import SignedMessage
from shared.trust.dkim.verify import FIELD, Keys, read_signatures, verify
from shared.trust.verdict import NONE, TEMPERROR, ArcVerdict, DkimVerdict


class Signatures(NamedTuple):
    """The results of all signatures."""

    dkim: Sequence[DkimVerdict] = ()
    arc: ArcVerdict = ArcVerdict(NONE)


class ReadSignatures(NamedTuple):
    """What is to be verified, with verdicts in place of what cannot be."""

    dkim: Sequence[Signature | DkimVerdict]
    arc: Chain | ArcVerdict

    @property
    def key_names(self) -> Sequence[str]:
        """The names in DNS whose TXT records are needed."""
        signatures = [each for each in self.dkim if isinstance(each, Signature)]
        if isinstance(self.arc, Chain):
            signatures += self.arc.signatures
        return [each.key_name for each in signatures]


def is_signed(message: SignedMessage) -> bool:
    """Whether there is anything to verify, or too much."""
    return message.is_too_large or any(map(message.header.find, (FIELD, RESULTS, SIGNATURE, SEAL)))


def none_known() -> Signatures:
    """The results of a message that is signed, when there was no time for them."""
    return Signatures([DkimVerdict(TEMPERROR, "", reason="out of time")], ArcVerdict(TEMPERROR))


def read_all(message: SignedMessage) -> ReadSignatures:
    """For a thread, unless the message is small: of a large header it takes some milliseconds."""
    return ReadSignatures(read_signatures(message), read_chain(message))


def verify_all(message: SignedMessage, read: ReadSignatures, keys: Keys, now: float) -> Signatures:
    """For a thread, unless there is little to verify. `now` is in seconds since the epoch. Raises Abandoned."""
    dkim = [verify(message, each, keys, now) if isinstance(each, Signature) else each for each in read.dkim]
    arc = verify_chain(message, read.arc, keys, now) if isinstance(read.arc, Chain) else read.arc
    return Signatures(dkim, arc)
