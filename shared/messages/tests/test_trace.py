"""The fields on top of an accepted message (RFC 5321 §4.4)."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.messages.header_fields import HeaderFields
from shared.messages.trace import Client, missing_fields, trace_fields

NOW = datetime(2024, 7, 1, 10, 0, 0, tzinfo=UTC)


def test_received_names_client_protocol_and_tls_version() -> None:
    client = Client("client.test", "192.0.2.7", "ESMTPSA", "TLSv1.3 TLS_AES_256_GCM_SHA384")
    fields = trace_fields(client, "mail.test", "smith@a.test", "alice@b.test", "4f2a", NOW)
    assert fields == (
        b"Return-Path: <smith@a.test>\r\n"
        b"Received: from client.test ([192.0.2.7])\r\n"
        b"\tby mail.test with ESMTPSA (TLSv1.3 TLS_AES_256_GCM_SHA384) id 4f2a\r\n"
        b"\tfor <alice@b.test>;\r\n"
        b"\tMon, 01 Jul 2024 10:00:00 +0000\r\n"
    )


def test_several_recipients_are_not_disclosed_to_each_other() -> None:
    fields = trace_fields(Client("c.test", "2001:db8::1", "ESMTP", ""), "mail.test", "", "", "4f2a", NOW)
    assert b"Return-Path: <>\r\n" in fields
    assert b"([IPv6:2001:db8::1])" in fields
    assert b"for <" not in fields


def test_a_greeting_cannot_add_header_fields() -> None:
    fields = trace_fields(Client("evil\r\nBcc: x", "192.0.2.7", "SMTP", ""), "mail.test", "", "", "4f2a", NOW)
    assert b"from evil??Bcc:?x ([192.0.2.7])" in fields


def test_date_and_message_id_are_added_only_where_missing() -> None:
    assert (
        missing_fields(HeaderFields(b"Subject: x\r\ndate: now\r\nMESSAGE-ID: <x>\r\n"), "mail.test", "4f2a", NOW) == b""
    )
    added = missing_fields(HeaderFields(b"Subject: x\r\n"), "mail.test", "4f2a", NOW)
    assert added == b"Date: Mon, 01 Jul 2024 10:00:00 +0000\r\nMessage-ID: <4f2a.1719828000@mail.test>\r\n"


def test_hops_are_the_received_fields() -> None:
    assert HeaderFields(b"Received: a\r\nX-Received: b\r\nreceived : c\r\nReceived-SPF: d\r\n").count(b"received") == 2
