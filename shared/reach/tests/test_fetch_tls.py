"""Over TLS a server is believed when its certificate is good for the host, and not otherwise."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.ssl import Certificate, trustRootFromCertificates

from shared.reach.fetch_errors import TlsFailed
from shared.reach.tests.fetching import ALLOWED, answer, fetch, then_silent
from shared.testing.certificates import SelfSigned, self_signed
from shared.testing.eventually import eventually
from shared.testing.origins import Origin, Visit, answering, origin

PAGE = b"tea at four"


def server(made: SelfSigned, folder: Path) -> ssl.SSLContext:
    file = folder / "both.pem"
    file.write_bytes(made.certificate + made.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def trusted(made: SelfSigned) -> Any:
    return trustRootFromCertificates([Certificate.loadPEM(made.certificate)])


@pytest.mark.parametrize("host", ["allowed.example", ALLOWED])
def test_a_good_certificate_is_believed(host: str, tmp_path: Path) -> None:
    made = self_signed(host)
    with origin(answering(answer(PAGE)), ALLOWED, server(made, tmp_path)) as web:
        assert fetch(f"https://{host}:{web.port}/", trust=trusted(made)).body == PAGE


def test_the_platforms_trust_store_says_which_are_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = self_signed("allowed.example")
    store = tmp_path / "trusted.pem"
    store.write_bytes(made.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(store))  # where OpenSSL looks instead of the system's
    with origin(answering(answer(PAGE)), ALLOWED, server(made, tmp_path)) as web:
        assert fetch(f"https://allowed.example:{web.port}/").body == PAGE


def test_one_of_another_host_is_not(tmp_path: Path) -> None:
    made = self_signed("other.example")
    with origin(answering(answer(PAGE)), ALLOWED, server(made, tmp_path)) as web:
        with pytest.raises(TlsFailed, match="is of another host"):
            fetch(f"https://allowed.example:{web.port}/", trust=trusted(made))
        assert web.heads == []


def test_one_that_nobody_vouches_for_is_not(tmp_path: Path) -> None:
    made = self_signed("allowed.example")
    with origin(answering(answer(PAGE)), ALLOWED, server(made, tmp_path)) as web:
        with pytest.raises(TlsFailed, match="is not valid"):
            fetch(f"https://allowed.example:{web.port}/")
        assert web.heads == []


def test_a_server_without_tls_is_none() -> None:
    def behave(running: Origin, visit: Visit) -> None:
        visit.send(answer(PAGE))

    with origin(behave, ALLOWED) as web, pytest.raises(TlsFailed, match="no TLS connection"):
        fetch(f"https://{web.authority}/")


def test_a_connection_is_closed_though_the_server_does_not_close_its_side(tmp_path: Path) -> None:
    made = self_signed(ALLOWED)
    with origin(then_silent(answer(PAGE)), ALLOWED, server(made, tmp_path)) as web:
        assert fetch(f"https://{web.authority}/", trust=trusted(made)).body == PAGE
        eventually(lambda: web.heads[1:] == [b"the client hung up"], "the client closes its side")
