"""Mail programs set themselves up: Thunderbird's autoconfig, Outlook's autodiscover, Apple's profiles."""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from typing import Any

import pytest
from lxml import etree

from services.wiki.mail_setup.routes import AUTOCONFIG, AUTODISCOVER
from services.wiki.mail_setup.tests.thunderbird_reader import ReadServer, read_autoconfig
from services.wiki.tests.web import Got, Web, basic
from shared.mail.domains import ensure_domain

PORTS = ("imaps=993", "imap=143", "pop3s=995", "pop3=off", "submissions=465", "submission=587")
HERE: dict[str, Any] = {
    "hostname": "mail.example.org",
    "mail_domain": "example.org",
    "site_name": "Yard & <Garden>",
    "public_ports": PORTS,
}
of_example_org = pytest.mark.parametrize("web", [HERE], ids=["example.org"], indirect=True)
YOURS = "%EMAILADDRESS%"
SERVERS = [
    ReadServer("imap", "mail.example.org", 993, "SSL", YOURS),
    ReadServer("imap", "mail.example.org", 143, "STARTTLS", YOURS),
    ReadServer("pop3", "mail.example.org", 995, "SSL", YOURS),
    ReadServer("smtp", "mail.example.org", 465, "SSL", YOURS),
    ReadServer("smtp", "mail.example.org", 587, "STARTTLS", YOURS),
]
PROFILE = "/mail/apple.mobileconfig"
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook"
SPACES = {
    "r": "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006",
    "a": f"{OUTLOOK}/responseschema/2006a",
}


@pytest.fixture(autouse=True)
def domains(web: Web) -> None:
    """Mail for two domains is kept here."""
    for name in (web.parts.settings.mail_domain, "example.net"):
        ensure_domain(web.transaction, name)
    web.transaction.commit()


@of_example_org
def test_thunderbird_finds_the_servers_by_an_address(web: Web) -> None:
    for path in AUTOCONFIG:
        got = web.script().get(f"{path}?emailaddress=nobody%40Example.NET")
        assert (got.status, got.fields["content-type"]) == (200, "text/xml; charset=utf-8")
        assert read_autoconfig(got.body, "example.net") == SERVERS
        assert etree.fromstring(got.body).findtext("emailProvider/displayName") == "Yard & <Garden>"


HOSTS = {
    "autoconfig.example.net": "example.net",
    "autoconfig.example.org:80": "example.org",
    "Example.NET": "example.net",
    "mail.example.org": "example.org",
    "127.0.0.1:2080": "example.org",
    "[::1]:2080": "example.org",
    "[::1]": "example.org",
    "autoconfig.example.com": None,
    "www.example.org": None,
    "bad_\\host": None,
    " ": None,
}


@of_example_org
def test_without_an_address_the_host_says_the_domain(web: Web) -> None:
    got = {host: web.script().get(AUTOCONFIG[0], Host=host) for host in HOSTS}
    assert {host: each.status for host, each in got.items()} == {
        host: 404 if domain is None else 200 for host, domain in HOSTS.items()
    }
    for host, domain in HOSTS.items():
        if domain is not None:
            assert read_autoconfig(got[host].body, domain) == SERVERS


@of_example_org
def test_domains_of_others_are_not_described(web: Web) -> None:
    for path in (*AUTOCONFIG, PROFILE):
        for address in ("alice@example.com", "alice", "", "@example.org", "a%C2%85b@example.org", "x" * 5000):
            assert web.script().get(f"{path}?emailaddress={address}").status == 404, (path, address)


@pytest.mark.parametrize(
    "web", [{"public_ports": ("submissions=off", "submission=off")}], ids=["nothing sends"], indirect=True
)
def test_without_a_server_to_send_by_there_is_nothing_to_set_up(web: Web) -> None:
    assert web.script().get(f"{AUTOCONFIG[0]}?emailaddress=a@localhost").status == 404
    assert web.script().get(f"{PROFILE}?emailaddress=a@localhost").status == 404
    assert _ask_outlook(web, "a@localhost").status == 404
    assert web.browser("alice").get("/account").status == 200


def test_without_settings_the_servers_are_those_of_a_local_stack(web: Web) -> None:
    got = web.script().get(f"{AUTOCONFIG[0]}?emailaddress=alice@localhost")
    assert [(each.host, each.port) for each in read_autoconfig(got.body, "localhost")] == [
        ("localhost", 2993), ("localhost", 2143), ("localhost", 2995), ("localhost", 2110), ("localhost", 2465),
        ("localhost", 2587),
    ]  # fmt: skip


def _question(address: str, schema: str = f"{OUTLOOK}/responseschema/2006a") -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="{OUTLOOK}/requestschema/2006">
  <Request>
    <EMailAddress>{address}</EMailAddress>
    <AcceptableResponseSchema>{schema}</AcceptableResponseSchema>
  </Request>
</Autodiscover>
""".encode()


def _ask_outlook(web: Web, address: str, path: str = AUTODISCOVER[0]) -> Got:
    return web.script().ask("POST", path, _question(address), Content_Type="text/xml")


@of_example_org
def test_outlook_finds_one_server_of_each_kind(web: Web) -> None:
    answers = [_ask_outlook(web, "Alice@Example.org", path) for path in AUTODISCOVER]
    got = answers[0]
    assert {each.body for each in answers} == {got.body}
    assert (got.status, got.fields["content-type"]) == (200, "text/xml; charset=utf-8")
    root = etree.fromstring(got.body)
    assert root.tag == f"{{{SPACES['r']}}}Autodiscover"
    (account,) = root.findall("a:Response/a:Account", SPACES)
    assert account.findtext("a:AccountType", namespaces=SPACES) == "email"
    assert account.findtext("a:Action", namespaces=SPACES) == "settings"
    found = [{each.tag.rpartition("}")[2]: each.text for each in one} for one in account.findall("a:Protocol", SPACES)]
    assert [(each["Type"], each["Server"], each["Port"]) for each in found] == [
        ("IMAP", "mail.example.org", "993"), ("POP3", "mail.example.org", "995"), ("SMTP", "mail.example.org", "465"),
    ]  # fmt: skip
    for each in found:
        assert (each["LoginName"], each["SSL"], each["SPA"], each["AuthRequired"]) == (
            "alice@example.org", "on", "off", "on",
        )  # fmt: skip
        assert each["Encryption"] == "SSL"


@of_example_org
def test_outlook_is_told_of_what_it_asks_and_cannot_have(web: Web) -> None:
    assert _ask_outlook(web, "alice@example.com").status == 404
    path = AUTODISCOVER[0]
    phone = _question("alice@example.org", "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/2006")
    for body, code in ((phone, "601"), (_question(""), "600")):
        got = web.script().ask("POST", path, body, Content_Type="text/xml")
        assert etree.fromstring(got.body).findtext("r:Response/r:Error/r:ErrorCode", namespaces=SPACES) == code
    assert web.script().get(path).status == 405


BAD = {
    b"": 400,
    b"<a>": 400,
    b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>": 400,
    b"<!DOCTYPE a [<!ENTITY e 'xx'><!ENTITY f '&e;&e;'>]><EMailAddress>&f;</EMailAddress>": 400,
    b"<a>" * 1000: 400,
    b"\xff\xfe<a/>": 400,
    b" " * (16 * 1024) + b"<a/>": 413,
}


@of_example_org
def test_bad_questions_are_refused(web: Web) -> None:
    for body, status in BAD.items():
        got = web.script().ask("POST", AUTODISCOVER[0], body, Content_Type="text/xml")
        assert got.status == status, body[:100]


def _profile(got: Got) -> tuple[dict[str, Any], dict[str, Any]]:
    assert (got.status, got.fields["content-type"]) == (200, "application/x-apple-aspen-config")
    assert got.fields["content-disposition"].startswith("attachment")
    profile = plistlib.loads(got.body, fmt=plistlib.FMT_XML)
    (account,) = profile["PayloadContent"]
    return profile, account


@of_example_org
def test_a_profile_for_apple_has_all_but_the_password(web: Web) -> None:
    browser = web.browser("alice")
    assert f'href="{PROFILE}"' in browser.get("/account").text
    got = browser.get(PROFILE)
    profile, account = _profile(got)
    assert (profile["PayloadType"], profile["PayloadVersion"]) == ("Configuration", 1)
    assert account["PayloadType"] == "com.apple.mail.managed"
    assert (account["EmailAddress"], account["EmailAccountName"]) == ("alice@example.org", "Alice Fern")
    for direction, port in (("Incoming", 993), ("Outgoing", 465)):
        assert account[f"{direction}MailServerHostName"] == "mail.example.org"
        assert account[f"{direction}MailServerPortNumber"] == port
        assert account[f"{direction}MailServerUseSSL"] is True
        assert account[f"{direction}MailServerUsername"] == "alice@example.org"
        assert account[f"{direction}MailServerAuthentication"] == "EmailAuthPassword"
    assert account["OutgoingPasswordSameAsIncomingPassword"] is True
    assert [name for name in _names(profile) if name.endswith("Password")] == ["OutgoingPasswordSameAsIncomingPassword"]
    again, _ = _profile(browser.get(PROFILE))
    assert again["PayloadUUID"] == profile["PayloadUUID"] != account["PayloadUUID"]  # a new one replaces the old one


def _names(value: Any) -> Sequence[str]:
    if isinstance(value, dict):
        return [*value, *(name for each in value.values() for name in _names(each))]
    return [name for each in value for name in _names(each)] if isinstance(value, list) else []


@of_example_org
def test_strangers_have_a_profile_that_asks_for_the_address(web: Web) -> None:
    _, account = _profile(web.script().get(PROFILE, Host="example.net"))
    assert "EmailAddress" not in account
    assert "IncomingMailServerUsername" not in account
    _, account = _profile(web.script().get(f"{PROFILE}?emailaddress=bob%40example.net"))
    assert (account["EmailAddress"], "EmailAccountName" in account) == ("bob@example.net", False)
    _, account = _profile(web.script().get(PROFILE, Authorization=basic("bob")))
    assert account["EmailAddress"] == "bob@example.org"


@of_example_org
def test_the_account_page_says_the_servers_for_all_other_programs(web: Web) -> None:
    page = web.browser("alice").get("/account").text
    for words in ("Reading, IMAP", "Sending, SMTP", "mail.example.org", ">993<", ">587<", "STARTTLS"):
        assert words in page
