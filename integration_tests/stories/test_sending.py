"""Mail goes out: two stacks write to each other, over TLS, with bounces and delays; and one to and from Postfix."""

from __future__ import annotations

import email
import json
import os
import re
import shutil
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from pathlib import Path
from typing import Any

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import Stored, stored
from integration_tests.clients.postfix import Postfix, running_postfix
from integration_tests.clients.program import Program
from integration_tests.stack.local import own_stack
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.newsreader import newsreader
from integration_tests.stories.open_room import article
from shared.command_line.stack.ports import free_ports
from shared.outbound.places import ServerPlace
from shared.outbound.tests.dns_server import a, mx, serving_names_aside, txt
from shared.testing.certificates import self_signed
from shared.testing.eventually import eventually

pytestmark = pytest.mark.local_only
WITHIN = timedelta(seconds=90)  # the runner polls every 5 s, and the machine may be busy
# Delays that a test cannot sit out are short here.
HASTY = {"AGORA_OUTBOUND_FIRST_RETRY": "1s", "AGORA_OUTBOUND_WARN_AFTER": "3s", "AGORA_POLL_INTERVAL": "1s"}
CAP = 200  # of messages in an hour, as it is by default


@dataclass(frozen=True)
class Pair:
    """Two stacks, and the port at which near's route to postfix.test leads."""

    near: Stack
    far: Stack
    postfix: int


def _settings(domain: str, port: int, routes: str, names: ServerPlace) -> dict[str, str]:
    return {
        **HASTY,
        "AGORA_ARRIVAL_OWN_NETWORKS": "off",  # each stack is a stranger to the other
        "AGORA_ARRIVAL_POLICY": "refuse",
        "AGORA_OUTBOUND_DNS_SERVERS": f"{names.host}:{names.port}",
        "AGORA_MAIL_DOMAIN": domain,
        "AGORA_HOSTNAME": f"mail.{domain}",
        "AGORA_SMTP_PORT": str(port),
        "AGORA_OUTBOUND_ROUTES": routes,
    }


@pytest.fixture(scope="module")
def pair(session_dir: Path) -> Iterator[Pair]:
    near_port, far_port, postfix = free_ports(3)
    near_routes = f"far.test=127.0.0.1:{far_port} postfix.test=127.0.0.1:{postfix}"
    published: dict[str, list[Any]] = {
        f"_dmarc.{policy}.test": [txt(f"v=DMARC1; p={policy}")] for policy in ("reject", "quarantine")
    }
    with serving_names_aside(published) as names:
        near_settings = _settings("near.test", near_port, near_routes, names)
        far_settings = _settings("far.test", far_port, f"near.test=127.0.0.1:{near_port}", names)
        with (
            own_stack(session_dir / "near", near_settings) as near,
            own_stack(session_dir / "far", far_settings) as far,
        ):
            for stack in (near, far):
                published.update(_records(stack))
            yield Pair(near, far, postfix)


def _records(stack: Stack) -> dict[str, list[Any]]:
    """What an operator publishes: all that `domain dns` prints of the domain, and the address of its server."""
    found: dict[str, list[Any]] = {f"mail.{stack.domain}": [a("127.0.0.1")]}
    for line in stack.agora("domain", "dns", stack.domain).stdout.splitlines():
        name, _, rest = line.strip().partition(". ")
        kind, _, data = rest.partition(" ")
        if kind == "TXT":
            found.setdefault(name, []).append(txt("".join(re.findall(r'"([^"]*)"', data))))
        elif kind == "MX":
            found.setdefault(name, []).append(mx(10, data.split()[1].removesuffix(".")))
    return found


def send(member: Member, message: bytes, *recipients: str) -> str:
    """By submission; the queue id."""
    with member.submission() as session:
        options = ["BODY=8BITMIME"]
        session.ehlo_or_helo_if_needed()
        session.mail(member.address, options)
        for each in recipients:
            code, said = session.rcpt(each)
            assert code == 250, said
        code, said = session.data(message)
        assert code == 250, said
        return said.decode().rpartition(" ")[2]


def arrived(member: Member, count: int = 1) -> list[Stored]:
    """What is in the INBOX, once so many are there."""

    def look() -> list[Stored] | None:
        found = stored(member)
        return found if len(found) >= count else None

    return eventually(look, f"{count} letters for {member.address}", WITHIN)


@pytest.mark.parametrize("direction", ["there", "back"])
def test_letter_arrives_at_the_other_stack_over_tls_octet_for_octet(pair: Pair, direction: str) -> None:
    here, there = (pair.near, pair.far) if direction == "there" else (pair.far, pair.near)
    alice, bob = here.new_member("alice"), there.new_member("bob")
    sent = letter("to elsewhere", alice.address, bob.address)
    send(alice, sent, bob.address)
    (found,) = arrived(bob)
    assert found.octets.endswith(sent)
    trace = found.octets.removesuffix(sent).decode()
    results = re.sub(r" header\.s=\S+ header\.a=(\S+) header\.b=[^;]+;", r" \1;", trace.partition("Received: ")[0])
    assert results == (
        f"Return-Path: <{alice.address}>\r\nAuthentication-Results: mail.{there.domain};\r\n"
        f"\tspf=pass smtp.mailfrom={here.domain};\r\n"
        f"\tdkim=pass header.d={here.domain} ed25519-sha256;\r\n\tdkim=pass header.d={here.domain} rsa-sha256;\r\n"
        f"\tdmarc=pass (p=none) header.from={here.domain};\r\n\tarc=none\r\n"
    )
    assert f"\r\nReceived: from mail.{here.domain} (" in trace
    taken_as = trace.partition(" id ")[2].split()[0]
    eventually(lambda: " auth=pass\n" in there.agora("logs", "--message", taken_as).stdout, "the line is in the log")
    assert " with ESMTPS (TLSv1.3" in trace
    assert trace.count("\r\nReceived: ") == 2  # by submission, and by SMTP
    assert trace.count("Return-Path: ") == 1
    assert trace.count("DKIM-Signature: ") == 2
    assert trace.count(f" d={here.domain};") == 2
    shown = here.agora("domain", "dns", here.domain).stdout
    for selector in re.findall(r"\ts=([0-9a-z-]+);", trace):
        assert f'{selector}._domainkey.{here.domain}. TXT "v=DKIM1; k=' in shown


@pytest.mark.parametrize("direction", ["there", "back"])
def test_letter_to_nobody_comes_back_and_the_log_tells_the_story(pair: Pair, direction: str) -> None:
    here, there = (pair.near, pair.far) if direction == "there" else (pair.far, pair.near)
    alice = here.new_member("alice")
    queue_id = send(alice, letter("to nobody", alice.address), f"nobody@{there.domain}")
    (bounce,) = arrived(alice)
    read: Any = email.message_from_bytes(bounce.octets, policy=policy.default)
    _, status, header = read.iter_parts()
    of_nobody = status.get_payload()[1]
    assert (of_nobody["Action"], of_nobody["Status"]) == ("failed", "5.1.1")
    assert of_nobody["Final-Recipient"] == f"rfc822; nobody@{there.domain}"
    assert header.get_content_type() == "text/rfc822-headers"
    assert bounce.octets.startswith(b"Return-Path: <>\r\n")

    def story() -> str | None:
        said = here.agora("logs", "--message", queue_id).stdout
        return said if " report " in said else None

    lines = eventually(story, "the lines are in the log")
    assert f" message id={queue_id} outcome=accepted door=submission" in lines
    assert f" attempt id={queue_id} outcome=failed host=127.0.0.1 account={alice.name}" in lines
    assert f" report id={queue_id} outcome=failed account={alice.name}" in lines


@pytest.mark.parametrize("direction", ["there", "back"])
def test_letter_waits_while_the_other_stack_is_away_and_its_sender_is_told(pair: Pair, direction: str) -> None:
    here, there = (pair.near, pair.far) if direction == "there" else (pair.far, pair.near)
    alice, bob = here.new_member("alice"), there.new_member("bob")
    sent = letter("late", alice.address, bob.address)
    # What arrived there before may still be in the queue here for the moment that the reply takes.
    eventually(lambda: "empty" in here.agora("queue", "list").stdout, "the queue is empty", WITHIN)
    with there.without("smtp_ingest"):
        queue_id = send(alice, sent, bob.address)
        (warning,) = arrived(alice)
        assert b"Action: delayed\r\n" in warning.octets
        listed = json.loads(here.agora("queue", "list", "--json").stdout)
        assert [each["id"] for each in listed] == [queue_id]
        assert "does not accept a connection" in listed[0]["last_reply"]
        assert "1 message to 1 recipient" in here.agora("status").stdout
        assert here.agora("queue", "hold", queue_id).returncode == 0
    assert here.agora("queue", "show", queue_id, "--json").stdout.count('"held"') == 2
    assert not stored(bob)
    released = here.agora("queue", "release", queue_id)
    assert released.stdout == f"{queue_id} is released: 1 recipient will be tried now.\n"
    (found,) = arrived(bob)
    assert found.octets.endswith(sent)
    assert b" with ESMTPS (TLSv1.3" in found.octets.removesuffix(sent)
    eventually(lambda: "empty" in here.agora("queue", "list").stdout, "the queue is empty", WITHIN)


def leads(stack: Stack, local_part: str, target: str) -> str:
    """An address there that leads to `target`."""
    address = f"{local_part}@{stack.domain}"
    added = stack.agora("address", "add", address, target)
    assert added.stdout == f"Mail for {address} is forwarded to {target}.\n"
    return address


def test_letter_is_forwarded_with_a_return_address_and_its_octets_unchanged(pair: Pair) -> None:
    alice, bob = pair.far.new_member("alice"), pair.far.new_member("bob")
    sales = leads(pair.near, "sales", bob.address)
    sent = letter("to be forwarded", alice.address, sales)
    send(alice, sent, sales)
    (found,) = arrived(bob)
    assert found.octets.endswith(sent)
    trace = found.octets.removesuffix(sent).decode()
    assert re.match(rf"Return-Path: <SRS0=[A-Z2-7]{{8}}=[A-Z2-7]{{2}}=far\.test={alice.name}@near\.test>\r\n", trace)
    assert trace.count(f"\r\nDelivered-To: {sales}\r\n") == 1
    assert trace.count(" d=far.test;") == 2  # of the author's domain, and still valid
    assert trace.index("Delivered-To: ") < trace.index(" d=far.test;")
    assert trace.index("ARC-Seal: i=1; ") < trace.index("Delivered-To: ")


def brought(stack: Stack, author: str, recipient: str) -> str:
    """The reply of port 25 to a letter that nobody has signed."""
    with smtplib.SMTP(*stack.smtp, timeout=60) as session:
        session.ehlo("mx.remote.test")
        session.mail(author)
        session.rcpt(recipient)
        code, said = session.data(letter("by whom?", author, recipient))
        return f"{code} {said.decode()}"


def test_forged_letter_is_refused_unless_the_network_is_allowed_that_it_comes_from(pair: Pair) -> None:
    bob, near = pair.near.new_member("bob"), pair.near
    assert brought(near, "ann@reject.test", bob.address).startswith("550 5.7.26 ")
    try:
        near.agora("sender", "allow", "127.0.0.1")
        eventually(lambda: brought(near, "ann@reject.test", bob.address).startswith("250 "), "it is allowed", WITHIN)
        near.agora("sender", "allow", "@reject.test")
    finally:
        near.agora("sender", "remove", "127.0.0.1")
    # The name is allowed still, which nothing proves.
    refused = "550 5.7.26 "
    eventually(lambda: brought(near, "ann@reject.test", bob.address).startswith(refused), "it is refused", WITHIN)
    near.agora("sender", "remove", "@reject.test")
    assert b"dmarc=fail (p=reject) header.from=reject.test;" in arrived(bob)[0].octets


def test_suspect_letter_is_not_forwarded(pair: Pair) -> None:
    bob, carol = pair.far.new_member("bob"), pair.near.new_member("carol")
    suspect = leads(pair.near, "suspect", bob.address)
    assert brought(pair.near, "ann@quarantine.test", suspect).startswith("550 5.7.1 mail that its author's domain does")
    assert pair.near.agora("address", "add", suspect, carol.name).returncode == 0

    def is_kept() -> bool:
        return brought(pair.near, "ann@quarantine.test", suspect).startswith("250 ")

    eventually(is_kept, "carol has it", WITHIN)
    sent = letter("to be forwarded", carol.address, suspect)
    send(carol, sent, suspect)
    assert arrived(bob)[0].octets.endswith(sent)  # that and nothing else
    assert len(arrived(bob)) == len(arrived(carol)) == 1  # the other is in Junk


def test_bounce_of_what_was_forwarded_twice_comes_back_to_its_author(pair: Pair) -> None:
    alice = pair.far.new_member("alice")
    to_nobody = leads(pair.far, "to-nobody", "nobody@near.test")
    first = leads(pair.near, "first", to_nobody)
    send(alice, letter("there and back", alice.address), first)
    (bounce,) = arrived(alice)
    assert bounce.octets.startswith(b"Return-Path: <>\r\n")
    assert b"\r\nDelivered-To: SRS0=" in bounce.octets  # by the return address at the other stack
    assert b"Final-Recipient: rfc822; nobody@near.test\r\n" in bounce.octets
    assert b"Status: 5.1.1\r\n" in bounce.octets


def test_forwards_that_lead_round_end_in_one_bounce(pair: Pair) -> None:
    alice = pair.far.new_member("alice")
    there = leads(pair.near, "round", "round@far.test")
    leads(pair.far, "round", there)
    send(alice, letter("round and round", alice.address), there)
    (bounce,) = arrived(alice)
    assert b"Status: 5.4.6\r\n" in bounce.octets
    stacks = (pair.near, pair.far)
    eventually(
        lambda: all("empty" in stack.agora("queue", "list").stdout for stack in stacks), "the queues are empty", WITHIN
    )
    assert len(stored(alice)) == 1


def test_address_at_the_other_stack_subscribes_to_a_room_and_is_sent_posts_by_nntp_and_by_mail(pair: Pair) -> None:
    bob, room = pair.far.new_member("bob"), "local.subscribed"
    made = pair.near.agora("room", "add", room, "--read", "everyone", "--post", "everyone")
    assert made.returncode == 0, made
    send(bob, letter("please", bob.address), f"{room}+subscribe@near.test")
    (question,) = arrived(bob)
    confirm = re.search(rb"confirm\+[0-9a-f]{32}@near\.test", question.octets)
    assert confirm is not None
    send(bob, letter("yes", bob.address), confirm[0].decode())
    assert arrived(bob, 2)[1].subject == f"Subscription: {room}"
    with newsreader(pair.near) as news:
        news.post(article(room, "by NNTP"))
    found = arrived(bob, 3)[2].octets
    assert found.endswith(article(room, "by NNTP").partition(b"\r\n\r\n")[2])
    assert b"\r\nSubject: by NNTP\r\n" in found
    token = re.search(rb"Return-Path: <bounce\+([0-9a-f]{32})@near\.test>\r\n", found)
    assert token is not None
    way_out = b"unsubscribe+%b@near.test" % token[1]
    assert b"\r\nList-Unsubscribe: <mailto:%b>\r\n" % way_out in found
    assert b"ARC-Seal:" not in found  # nobody checked who wrote it
    assert bob.address in pair.near.agora("room", "subscribers", room).stdout
    send(bob, letter("by mail", bob.address), f"{room}@near.test")
    by_mail = arrived(bob, 4)[3].octets
    assert b"\r\nList-Id: <local.subscribed.near.test>\r\n" in by_mail
    assert b"\r\nARC-Authentication-Results: i=1; mail.near.test;" in by_mail
    found_there = by_mail[: by_mail.index(b"\r\nReceived: ")]
    assert found_there.endswith(b"arc=pass header.d=near.test")
    send(bob, letter("no more", bob.address), way_out.decode())
    eventually(lambda: "Nobody is sent" in pair.near.agora("room", "subscribers", room).stdout, "bob has left", WITHIN)


def test_account_that_sends_too_much_is_on_hold_until_it_is_released(pair: Pair) -> None:
    mallory, bob = pair.near.new_member("mallory"), pair.far.new_member("bob")
    admin = pair.near.new_member("admin")
    assert pair.near.agora("user", "set-role", admin.name, "admin").returncode == 0
    with mallory.submission() as session:
        for _ in range(CAP):
            session.sendmail(mallory.address, [bob.address], b"Subject: buy\r\n\r\nNow!\r\n")
        for _ in range(2):
            with pytest.raises(smtplib.SMTPDataError) as refused:
                session.sendmail(mallory.address, [bob.address], b"Subject: buy\r\n\r\nNow!\r\n")
            assert str(refused.value).startswith("(450, b'4.7.1 ")
        assert [each.subject for each in stored(admin)] == [f"On hold: {mallory.name}"]
        assert f"on hold: {mallory.name}" in pair.near.agora("status").stdout
        assert pair.near.agora("queue", "release", mallory.name).returncode == 0
        session.sendmail(mallory.address, [bob.address], b"Subject: sorry\r\n\r\nIt was not me.\r\n")
    eventually(lambda: len(stored(bob)) == CAP + 1, "all of it arrives", 3 * WITHIN)


@pytest.fixture(scope="module")
def postfix(pair: Pair, session_dir: Path) -> Iterator[Postfix]:
    """Takes mail for postfix.test, over TLS, and sends echo@ on to the stack by SMTP, likewise."""
    path = shutil.which("postfix", path=os.defpath + ":/usr/sbin")
    if path is None:
        pytest.skip("postfix is not installed")
    if os.geteuid() != 0:
        pytest.skip("postfix: only root can start it")
    certificate = self_signed("relay.example.org")
    pem = session_dir / "postfix.pem"
    pem.write_bytes(certificate.key + certificate.certificate)
    host, port = pair.near.smtp
    more = (
        "mynetworks = 127.0.0.0/8\n"
        "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n"
        f"transport_maps = inline:{{ {{near.test = smtp:[{host}]:{port}}} }}\n"
        "virtual_alias_domains = postfix.test\n"
        "virtual_alias_maps = inline:{ {echo@postfix.test = echo@near.test} }\n"
        f"smtpd_tls_chain_files = {pem}\nsmtpd_tls_security_level = may\nsmtp_tls_security_level = encrypt\n"
        "minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nqueue_run_delay = 1s\ndelay_warning_time = 2s\n"
    )
    with running_postfix(Program(path, session_dir), pair.near, pair.postfix, more) as running:
        yield running


@pytest.fixture(scope="module")
def echo(pair: Pair) -> Member:
    """Has what comes for echo@postfix.test."""
    member = pair.near.new_member("echo")
    assert pair.near.agora("address", "add", "echo@near.test", member.name).returncode == 0
    return member


def holding(member: Member, words: bytes) -> Stored:
    """The letter that has these words, once it is there."""

    def look() -> Stored | None:
        return next((each for each in stored(member) if words in each.octets), None)

    return eventually(look, f"a letter with {words.decode()}", WITHIN)


def by_postfix(postfix: Postfix, message: bytes, recipient: str) -> None:
    """Hand it in there, as echo@postfix.test."""
    with smtplib.SMTP(*postfix.smtp, timeout=20) as session:
        session.sendmail("echo@postfix.test", [recipient], message, ["BODY=8BITMIME"])


def test_letter_goes_to_postfix_and_comes_back_from_it_over_tls(pair: Pair, postfix: Postfix, echo: Member) -> None:
    alice = pair.near.new_member("alice")
    sent = letter("by way of Postfix", alice.address, "echo@postfix.test")
    send(alice, sent, "echo@postfix.test")
    found = holding(echo, b"by way of Postfix")
    assert found.octets.endswith(sent)
    trace = found.octets.removesuffix(sent).decode()
    assert trace.startswith(f"Return-Path: <{alice.address}>\r\nAuthentication-Results: mail.near.test;\r\n\tspf=pass ")
    assert "\tdkim=pass header.d=near.test " in trace
    assert "\r\nReceived: from relay.example.org (" in trace
    assert "Received: from mail.near.test (" in trace  # as Postfix was told
    assert trace.count("with ESMTPS") == 3  # from alice, by her stack, by Postfix


def test_letter_that_postfix_refuses_comes_back(pair: Pair, postfix: Postfix) -> None:
    alice = pair.near.new_member("alice")
    send(alice, letter("to nobody", alice.address), "nobody@postfix.test")
    (bounce,) = arrived(alice)
    assert b"Status: 5.1.1\r\n" in bounce.octets
    assert b"User unknown in virtual alias table" in bounce.octets


def test_letter_of_postfix_that_is_refused_comes_back_by_postfix(postfix: Postfix, echo: Member) -> None:
    by_postfix(postfix, letter("to nobody by Postfix"), "nobody@near.test")
    bounce = holding(echo, b"no such mailbox here").octets
    assert bounce.startswith(b"Return-Path: <>\r\n")
    assert b"Reporting-MTA: dns; relay.example.org" in bounce
    assert b"Status: 5.1.1" in bounce


def test_letter_waits_for_postfix_and_its_sender_is_told(pair: Pair, postfix: Postfix, echo: Member) -> None:
    alice = pair.near.new_member("alice")
    with postfix.stopped():
        send(alice, letter("late to Postfix", alice.address), "echo@postfix.test")
        (warning,) = arrived(alice)
        assert b"Action: delayed\r\n" in warning.octets
        assert b"does not accept a connection" in warning.octets
    holding(echo, b"late to Postfix")


def test_letter_of_postfix_waits_for_the_stack_and_its_sender_is_told(
    pair: Pair, postfix: Postfix, echo: Member
) -> None:
    bob = pair.near.new_member("bob")
    with pair.near.without("smtp_ingest"):
        by_postfix(postfix, letter("late by Postfix"), bob.address)
        eventually(lambda: "MAILER-DAEMON" in str(postfix.queue()), "Postfix has a warning for its sender", WITHIN)
    assert b"late by Postfix" in arrived(bob)[0].octets
    assert b"Action: delayed" in holding(echo, b"Action: delayed").octets
