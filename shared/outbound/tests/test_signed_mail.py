"""Mail that leaves is signed by its author's domain, or goes unsigned."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

from shared.database.database import Database
from shared.events.bus import Bus
from shared.outbound.departure import RemoteRecipient
from shared.outbound.dkim.keys import keep_keys, keys_of, make_keys
from shared.outbound.dkim.signer import Signer
from shared.outbound.tests.build import TEXT, a_departure
from shared.outbound.tests.mail_server import Behaviour, serving_mail
from shared.outbound.tests.test_runner import (
    asked,
    is_empty,
    queued,
    running,
    settings_for,
)
from shared.runtime.stack_key import StackKey
from shared.testing.reactor import running_reactor
from shared.trust.dkim.arc import Chain, read_chain, verify_chain
from shared.trust.tests.signing import message_of, verdicts_on
from shared.trust.verdict import PASS

STACK_KEY, SIGNED_AT = StackKey(b"a secret of this stack"), datetime(2026, 3, 1, tzinfo=UTC)


async def test_message_is_signed_by_the_keys_of_its_authors_domain(database: Database, bus: Bus) -> None:
    octets = TEXT + b"z" * (1 << 20) + b"\r\n \t\r\n\r\n"  # read in two pieces
    keys = make_keys(STACK_KEY, SIGNED_AT)
    with serving_mail(Behaviour(extensions=(b"PIPELINING",))) as server:
        await queued(database, octets=octets)
        await database.transact(keep_keys, "example.org", keys)
        signer = Signer(database, running_reactor(), lambda: STACK_KEY)
        async with running(database, bus, settings_for(server), signer=signer):
            await asked(database, is_empty)
    taken = server.taken[0].octets
    assert taken.endswith(octets)
    records = {each.record_name: [each.record.encode()] for each in await database.read(keys_of, "example.org")}
    assert sorted((each.result, each.domain, each.algorithm) for each in verdicts_on(taken, records)) == [
        (PASS, "example.org", "ed25519-sha256"),
        (PASS, "example.org", "rsa-sha256"),
    ]
    relaxed = b"At four?\r\n" + b"z" * (1 << 20) + b"\r\n"
    assert taken.count(base64.b64encode(hashlib.sha256(relaxed).digest())) == 2


async def test_message_goes_unsigned_where_its_keys_cannot_be_opened(database: Database, bus: Bus) -> None:
    with serving_mail() as server:
        await queued(database)
        await database.transact(keep_keys, "example.org", make_keys(STACK_KEY, SIGNED_AT))
        signer = Signer(database, running_reactor(), lambda: StackKey(b"a secret of another stack"))
        async with running(database, bus, settings_for(server), signer=signer):
            await asked(database, is_empty)
    assert server.taken[0].octets == TEXT


async def test_what_is_forwarded_is_sealed_and_so_is_a_copy_for_a_subscriber(database: Database, bus: Bus) -> None:
    found = b"Authentication-Results: mail.example.org;\r\n\tspf=none smtp.mailfrom=x.test;\r\n\tarc=none\r\n"
    octets = found + TEXT.replace(b"alice@example.org", b"ann@x.test")
    fields = {"forward": "Delivered-To: sales@example.org\r\n", "copy": "List-Unsubscribe: <mailto:x@example.org>\r\n"}
    recipients = [
        RemoteRecipient(f"{name}@remote.test", "remote.test", sender="SRS0=x@example.org", fields=each)
        for name, each in fields.items()
    ]
    with serving_mail() as server:
        await queued(database, a_departure()._replace(recipients=recipients), octets=octets)
        await database.transact(keep_keys, "example.org", make_keys(STACK_KEY, SIGNED_AT))
        signer = Signer(database, running_reactor(), lambda: STACK_KEY, "mail.example.org")
        async with running(database, bus, settings_for(server), signer=signer):
            await asked(database, is_empty)
    sent = {taken.recipients[0].partition("@")[0]: taken.octets for taken in server.taken}
    records = {each.record_name: [each.record.encode()] for each in await database.read(keys_of, "example.org")}
    for name, each in fields.items():
        assert sent[name].startswith(b"ARC-Seal: i=1; a=rsa-sha256; ")
        assert sent[name].endswith(each.encode() + octets)
        message = message_of(sent[name])
        chain = read_chain(message)
        assert isinstance(chain, Chain)
        assert verify_chain(message, chain, records, datetime.now(UTC).timestamp())[:2] == ("pass", "example.org")
