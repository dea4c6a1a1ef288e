"""Paths as clients write them, well and badly (RFC 5321 §4.1.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.smtp_ingest.path import NULL_PATH, MalformedParameter, parse_path_argument
from shared.mail.errors import BadAddress
from shared.mail.mailbox import Mailbox as Path
from shared.testing.fastest import processor_seconds


@pytest.mark.parametrize(
    ("octets", "path"),
    [
        (b"<smith@example.test>", Path("smith", "example.test")),
        (b" <smith@example.test>", Path("smith", "example.test")),
        (b"<Smith.J+tag@EXAMPLE.test.>", Path("Smith.J+tag", "EXAMPLE.test")),
        (b'<"a b"@example.test>', Path("a b", "example.test")),
        (b'<"a\\"b"@example.test>', Path('a"b', "example.test")),
        (b"<@one.test,@two.test:smith@example.test>", Path("smith", "example.test")),
        (b"<smith@[192.0.2.1]>", Path("smith", "[192.0.2.1]")),
        (b"<smith@[IPv6:2001:db8::1]>", Path("smith", "[IPv6:2001:db8::1]")),
        (b"<postmaster>", Path("postmaster", "")),
        ("<\u7530\u4e2d@\u4f8b\u3048.test>".encode(), Path("\u7530\u4e2d", "\u4f8b\u3048.test")),
        (b"<>", NULL_PATH),
        (b" <> ", NULL_PATH),
        # As Postfix takes them (strict_rfc821_envelopes=no)
        (b"smith@example.test", Path("smith", "example.test")),
        (b" smith@example.test BODY=8BITMIME", Path("smith", "example.test")),
        (b"postmaster", Path("postmaster", "")),
        (b'"a b>"@example.test', Path("a b>", "example.test")),
        (b"John Smith <smith@example.test> SIZE=1", Path("smith", "example.test")),
        (b'"Smith, John" <smith@example.test>', Path("smith", "example.test")),
        (b"John <>", NULL_PATH),
        # Against the grammar, and real
        (b"<smith..j@example.test>", Path("smith..j", "example.test")),
        (b"<smith.@example.test>", Path("smith.", "example.test")),
        (b"<.smith@example.test>", Path(".smith", "example.test")),
        (b"<smith@-exam_ple-.test>", Path("smith", "-exam_ple-.test")),
        (b"<" + b"a" * 65 + b"@example.test>", Path("a" * 65, "example.test")),
        (b"<" + b"a" * 512 + b"@example.test>", Path("a" * 512, "example.test")),
    ],
)
def test_path_is_read(octets: bytes, path: Path) -> None:
    assert parse_path_argument(octets).path == path


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b" ",
        b"<smith@example.test",
        b"smith@example.test>",
        b"smith@example.test<jones@example.test>",
        b"SIZE=1 <smith@example.test>",
        b"jones@example.test <smith@example.test>",
        b"<smith@example.test> <jones@example.test>",
        b"John <smith@example.test> Smith <jones@example.test>",
        b"John <smith@example.test",
        b"smith j@example.test",
        b"<smith@@example.test>",
        b"<smith@>",
        b"<@example.test>",
        b"<smith@exam..ple.test>",
        b"<smith@exa mple.test>",
        b"<smith@example.test>junk",
        b"<smith\x00@example.test>",
        b"<smith@example.test> =x",
        b"<" + b"a" * 513 + b"@example.test>",
        b"<a@" + b"b" * 256 + b">",
        b"<\xff@example.test>",
    ],
)
def test_what_is_no_path_is_refused(octets: bytes) -> None:
    with pytest.raises((BadAddress, MalformedParameter)):
        parse_path_argument(octets)


def test_parameters_are_read_with_keywords_in_upper_case() -> None:
    told = parse_path_argument(b"<smith@example.test> size=100 Body=8BITMIME SMTPUTF8")
    assert told.parameters == {"SIZE": "100", "BODY": "8BITMIME", "SMTPUTF8": None}


@given(st.binary(max_size=200))
def test_any_octets_are_a_path_or_refused(octets: bytes) -> None:
    try:
        told = parse_path_argument(octets)
    except (BadAddress, MalformedParameter):
        return
    assert isinstance(told.path, Path)


@pytest.mark.parametrize("piece", [b"a.", b"a", b'"', b"\\", b"@", b"@a,", b"-", b"a. ", b'"a" ', b"a@"])
@pytest.mark.parametrize("start", [b"<", b"", b"a <"])
def test_a_long_line_is_refused_at_once(start: bytes, piece: bytes) -> None:
    def work() -> None:
        with pytest.raises((BadAddress, MalformedParameter)):
            parse_path_argument(start + piece * 100_000)

    assert processor_seconds(work) < 2  # a pattern that tries every division would take hours


@pytest.mark.parametrize(
    "path", [Path("smith", "example.test"), Path("a b", "example.test"), Path('a"\\b', "e.test"), NULL_PATH]
)
def test_what_is_written_is_read_again(path: Path) -> None:
    assert parse_path_argument(b"<" + str(path).encode() + b">").path == path
