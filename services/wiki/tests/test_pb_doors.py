"""The doors of Perspective Broker as the service opens them, plain and over TLS, by the command line's client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from services.wiki.calls.open import call_parts
from services.wiki.pb.doors import pb_doors
from services.wiki.tests.web import Web
from shared.accounts.add_app_password import add_app_password
from shared.command_line.wiki.client.client import WikiLogin
from shared.command_line.wiki.client.errors import SignInRefused, WikiError
from shared.command_line.wiki.client.pb import PbClient, PbPlace
from shared.runtime.certificates import Certificates
from shared.runtime.parts import Parts
from shared.testing.certificates import SelfSigned, self_signed
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

CERTIFICATE = self_signed("127.0.0.1")


@pytest.fixture
def doors(web: Web, tmp_path: Path) -> dict[str, Any]:
    certificates = _kept(CERTIFICATE, tmp_path)
    frame: Any = Parts(
        running_reactor(), web.parts.settings, web.parts.database, web.parts.bus, certificates, CollectorRegistry()
    )

    async def open_doors() -> Any:
        return pb_doors(frame, call_parts(web.parts))

    return {door.name: door.factory for door in wait_for(open_doors)}


def _kept(made: SelfSigned, folder: Path) -> Certificates:
    (folder / "certificate.pem").write_bytes(made.certificate)
    (folder / "key.pem").write_bytes(made.key)
    return Certificates(folder / "certificate.pem", folder / "key.pem")


@pytest.mark.parametrize("name", ["pb", "pb_tls"])
def test_members_sign_in_and_strangers_read(web: Web, doors: dict[str, Any], name: str) -> None:
    _, secret = add_app_password(web.transaction, web.accounts["alice"].id, "pb", ["pb"])
    web.transaction.commit()
    authority = CERTIFICATE.certificate if name == "pb_tls" else None
    with serving(doors[name]) as port:
        alice = PbClient(PbPlace("127.0.0.1", port, authority, WikiLogin("alice", secret)))
        text = "At four. \U0001f600\n" * 2000
        assert alice.put("TeaTime", text, None, "", False).revision == 1
        stranger = PbClient(PbPlace("127.0.0.1", port, authority, None))
        assert stranger.get("TeaTime", None) == text
        assert stranger.names() == ["TeaTime", "WikiHome"]
        with pytest.raises(WikiError, match="sign in"):
            stranger.put("TeaTime", "x", None, "", False)
        with pytest.raises(SignInRefused, match="app password"):
            PbClient(PbPlace("127.0.0.1", port, authority, WikiLogin("alice", "wrong"))).names()


def test_an_authority_that_did_not_sign_the_certificate_is_refused(doors: dict[str, Any]) -> None:
    with serving(doors["pb_tls"]) as port, pytest.raises(WikiError, match="does not answer"):
        PbClient(PbPlace("127.0.0.1", port, self_signed("127.0.0.1").certificate, None)).names()
