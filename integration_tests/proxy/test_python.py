"""requests and httpx go out: sessions that keep their connection, streams, errors."""

from __future__ import annotations

import hashlib

import httpx
import pytest
import requests

from integration_tests.proxy.conftest import LARGE
from integration_tests.proxy.site import Site


def test_requests_keeps_one_session(plain: Site, secure: Site, way_out: str) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": way_out, "https": way_out}
        session.verify = str(secure.ca_file)
        for _ in range(3):
            assert session.get(plain.url("/moved"), timeout=20).content == plain.pages["/"].body
            assert session.get(secure.url("/large"), timeout=20).content == LARGE
            assert session.get(plain.url("/bye"), timeout=20).text == "and off"
        assert session.get(plain.url("/none"), timeout=20).status_code == 404
        assert session.head(plain.url("/large"), timeout=20).headers["Content-Length"] == str(len(LARGE))
        sent = session.post(plain.url("/"), data=iter([b"in ", b"chunks"]), timeout=20)
        assert sent.status_code == 200


def test_httpx_reads_a_stream(plain: Site, way_out: str) -> None:
    with httpx.Client(proxy=way_out, trust_env=False, timeout=20) as client:
        digest = hashlib.sha256()
        with client.stream("GET", plain.url("/large")) as response:
            for piece in response.iter_raw():
                digest.update(piece)
        assert digest.digest() == hashlib.sha256(LARGE).digest()


def test_httpx_is_told_that_it_must_sign_in(plain: Site, way_out: str) -> None:
    without = "http://" + way_out.rpartition("@")[2]
    with httpx.Client(proxy=without, trust_env=False, timeout=20) as client:
        answer = client.get(plain.url("/"))
        assert answer.status_code == 407
        assert "basic" in answer.headers["Proxy-Authenticate"].lower()
        with pytest.raises(httpx.ProxyError):
            client.get("https://192.0.2.1/")
