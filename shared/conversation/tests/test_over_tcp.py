"""Conversations over real sockets and real TLS, where memory transports show too little."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest

from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.conversation.tests.sessions import Session, answer_everything, door
from shared.testing.certificates import server_options
from shared.testing.eventually import eventually
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving
from shared.testing.wire import SilentServer, SocketWire


async def offer_tls(session: Session) -> None:
    """STARTTLS after one line, then tell how the line is protected."""
    await session.read_line()
    session.write(b"go ahead\r\n")
    await session.start_tls(server_options())
    await greet_securely(session)


async def greet_securely(session: Session) -> None:
    """Tell how the line is protected and who is there."""
    assert session.tls is not None
    session.write(f"{session.tls.version} {session.peer.host}\r\n".encode())
    await answer_everything(session)


@contextmanager
def connected(factory: ConversationFactory, *, tls: bool = False) -> Iterator[SocketWire]:
    """A client of `factory`."""
    with serving(factory) as port:
        wire = SocketWire("127.0.0.1", port, tls=tls)
        try:
            yield wire
        finally:
            wire.close()
            until(lambda: factory.counts.open_now == 0)


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that the reactor's thread will do."""
    eventually(condition, "the reactor has done it")


def tcp_door(talk: object = answer_everything, **options: object) -> ConversationFactory:
    """A door on the running reactor's clock."""
    return door(talk, running_reactor(), **options)  # type: ignore[arg-type]


def test_starttls_secures_the_line() -> None:
    with connected(tcp_door(offer_tls)) as wire:
        wire.send(b"STARTTLS\r\n")
        assert wire.read_line() == b"go ahead"
        wire.start_tls()
        assert wire.read_line() == b"TLSv1.3 127.0.0.1"
        wire.send(b"secret\r\nQUIT\r\n")
        assert wire.read_to_end() == b"line b'secret'\r\n"


def test_plaintext_sent_ahead_of_starttls_is_thrown_away() -> None:
    # CVE-2011-0411: the injected command must not be answered as if it had come over TLS
    with connected(tcp_door(offer_tls)) as wire:
        wire.send(b"STARTTLS\r\ninjected\r\nLITERAL 10\r\n")
        assert wire.read_line() == b"go ahead"
        wire.start_tls()
        assert wire.read_line().startswith(b"TLSv1.3")
        wire.send(b"mine\r\nQUIT\r\n")
        assert wire.read_to_end() == b"line b'mine'\r\n"


def test_flood_sent_ahead_of_starttls_does_not_stop_the_handshake() -> None:
    with connected(tcp_door(offer_tls)) as wire:
        wire.send(b"STARTTLS\r\n" + b"x" * 500)
        assert wire.read_line() == b"go ahead"
        wire.start_tls()
        assert wire.read_line().startswith(b"TLSv1.3")


def test_no_handshake_ends_the_conversation_without_words() -> None:
    with connected(tcp_door(offer_tls)) as wire:
        wire.send(b"STARTTLS\r\n")
        assert wire.read_line() == b"go ahead"
        wire.send(b"this is no ClientHello\r\n")
        said = wire.read_to_end()
        assert b"bye" not in said  # at most an alert


def test_silence_instead_of_a_handshake_ends_the_conversation() -> None:
    limits = Limits(handshake=timedelta(seconds=0.5))
    with connected(tcp_door(offer_tls, limits=limits)) as wire:
        wire.send(b"STARTTLS\r\n")
        assert wire.read_line() == b"go ahead"
        assert wire.read_to_end() == b""


def test_door_may_be_tls_from_the_first_octet() -> None:
    with connected(tcp_door(greet_securely, tls_options=server_options), tls=True) as wire:
        assert wire.read_line() == b"TLSv1.3 127.0.0.1"
        wire.send(b"x" * 70_000 + b"\r\n")
        assert wire.read_line() == b"too long"


def test_proxy_header_comes_before_tls() -> None:
    factory = tcp_door(greet_securely, tls_options=server_options(), trusted_proxies=["127.0.0.0/8"])
    with connected(factory) as wire:
        wire.send(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\n")
        wire.start_tls()
        assert wire.read_line() == b"TLSv1.3 192.0.2.1"


def test_proxy_header_and_client_hello_may_come_together() -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = context.wrap_bio(incoming, outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    factory = tcp_door(greet_securely, tls_options=server_options(), trusted_proxies=["127.0.0.0/8"])
    with connected(factory) as wire:
        wire.send(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\n" + outgoing.read())
        assert wire.read_exactly(1) == b"\x16"  # a handshake record: the ServerHello


def test_half_closed_client_is_answered() -> None:
    with connected(tcp_door()) as wire:
        wire.send(b"one\r\ntwo\r\nBLOCK\r\nthree\r\n.\r\nhalf")
        wire.half_close()
        assert wire.read_to_end() == b"line b'one'\r\nline b'two'\r\nblock b'three\\r\\n'\r\n"


def test_refusal_is_heard_by_who_still_sends() -> None:
    limits = Limits(line_octets=100, swallowed_octets=100_000)
    with connected(tcp_door(limits=limits)) as wire:
        wire.send(b"x" * 3_000_000)
        assert wire.read_line() == b"bye LINE_TOO_LONG"


def test_pipeline_of_a_hundred_thousand_is_answered_in_order() -> None:
    with connected(tcp_door()) as wire:
        pipeline = b"".join(b"%d\r\n" % number for number in range(100_000)) + b"QUIT\r\n"
        sender = Thread(target=wire.send, args=[pipeline])
        sender.start()
        expected = b"".join(b"line b'%d'\r\n" % number for number in range(100_000))
        assert wire.read_to_end() == expected
        sender.join()


def test_client_that_reads_nothing_holds_little() -> None:
    sessions: list[Session] = []

    async def flood(session: Session) -> None:
        sessions.append(session)
        while True:
            session.write(b"x" * 65_536)
            await session.drain()

    factory = tcp_door(flood)
    with connected(factory) as wire:
        wire.read_exactly(1)
        until(lambda: sessions[0]._clogged)

        async def held() -> int:
            transport = sessions[0].transport
            return len(transport.dataBuffer) + int(transport._tempDataLen)

        assert wait_for(held) < 400_000


def test_shutdown_says_farewell_over_tls() -> None:
    factory = tcp_door(greet_securely, tls_options=server_options)
    with connected(factory, tls=True) as wire:
        assert wire.read_line().startswith(b"TLS")
        with ThreadPoolExecutor() as pool:
            done = pool.submit(wait_for, lambda: factory.shut_down(timedelta(seconds=50)))
            assert wire.read_to_end() == b"bye SHUTDOWN\r\n"
            wire.close()
            done.result(20)  # it does not wait for those who are gone


def test_connections_above_the_limit_are_told_and_closed() -> None:
    factory = tcp_door(max_connections=1)
    with connected(factory) as first:
        first.send(b"a\r\n")
        first.read_line()
        with socket.create_connection(first._socket.getpeername(), 5) as second:
            assert second.recv(100) == b"bye TOO_MANY\r\n"
            assert second.recv(100) == b""
        first.send(b"b\r\n")
        assert first.read_line() == b"line b'b'"


def test_silent_server_is_told_from_a_closed_one() -> None:
    with serving(tcp_door()) as port:
        wire = SocketWire("127.0.0.1", port, timeout_seconds=0.1)
        with pytest.raises(SilentServer):
            wire.read_line()
        wire.close()


async def send_away(session: Session) -> None:
    """Answer the first line, and close; whatever else came is not read."""
    await session.read_line()
    session.write(b"goodbye\r\n")


def test_last_words_reach_a_client_that_goes_on_sending() -> None:
    """Closing with octets unread is a reset, which takes words with it that are on their way."""
    for _ in range(20):
        with serving(tcp_door(send_away)) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"NOOP\r\n" * 100_000)
            heard = b""
            while piece := client.recv(4096):
                heard += piece
            assert heard == b"goodbye\r\n"
