"""The errors of fetching a document; `str()` of each is a sentence for the person who gave its address."""

from __future__ import annotations

from shared.errors import DomainError


class FetchFailed(DomainError):
    """The document was not fetched."""

    sentence = "the fetch failed for a reason that is in the log"

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class AddressUnusable(FetchFailed):
    """It is no address of a document on the web, or a redirect leads to one that is not."""

    sentence = "the address is not one of http or https"


class FetchRefused(FetchFailed):
    """The host's addresses are private, loopback, link-local, metadata, or the port is another protocol's."""

    sentence = "the address is in a private network, from which nothing is fetched"


class NotReachable(FetchFailed):
    """There is no host of that name, it does not accept connections, or it hung up."""

    temporary = True
    sentence = "the server does not accept connections"


class TlsFailed(FetchFailed):
    """The certificate is not valid for the host, or no TLS connection comes about."""

    temporary = True
    sentence = "no TLS connection to the server could be made"


class FetchTimedOut(FetchFailed):
    """The document was not complete in time."""

    temporary = True
    sentence = "the server did not answer completely in time"


class AnswerTooLarge(FetchFailed):
    """The head, or the body after decompression, has more octets than are taken."""

    sentence = "the answer is too large"

    @classmethod
    def than(cls, most_octets: int) -> AnswerTooLarge:
        """It has more than so many."""
        return cls(f"the answer has more than {most_octets} octets")


class BrokenAnswer(FetchFailed):
    """What came is not well-formed HTTP/1.1, or its compression is broken."""

    temporary = True
    sentence = "the answer is not well-formed HTTP"


class TooManyRedirects(FetchFailed):
    """One redirect leads to the next, or they lead in a circle."""

    sentence = "there are too many redirects"
