"""Records and policies of MTA-STS are read as RFC 8461 §3 has them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.outbound.mta_sts.policy import MOST_PATTERNS, PolicyMalformed, StsMode, StsPolicy, policy_id, read_policy

POLICY = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmax_age: 604800\n"


@pytest.mark.parametrize(
    ("records", "number"),
    [
        ([b"v=STSv1; id=20160831085700Z;"], "20160831085700Z"),
        ([b"v=STSv1;id=1"], "1"),
        ([b"v=spf1 -all", b"v=STSv1 ; more=x; id=a1 ; "], "a1"),
        ([b"v=STSv1; id=1;", b"v=STSv1; id=2;"], None),
        ([b"v=STSv1; id=not-one;"], None),
        ([b"v=STSv1;"], None),
        ([b"v=STSv2; id=1;"], None),
        ([b"\xff\x00"], None),
        ([], None),
    ],
    ids=["usual", "no-blanks", "among-others", "two", "bad-id", "no-id", "version-2", "octets", "none"],
)
def test_record_has_an_id_or_is_none(records: list[bytes], number: str | None) -> None:
    assert policy_id(records) == number


@pytest.mark.parametrize("text", [POLICY, POLICY.replace("\n", "\r\n"), POLICY + "later: x\nmode: none\n???\n"])
def test_policy_is_read_whatever_its_line_ends_and_further_fields(text: str) -> None:
    expected = StsPolicy(StsMode.ENFORCE, ["mail.example.com", "*.example.net"], timedelta(days=7))
    assert read_policy(text.encode()) == expected


def test_policy_that_is_to_be_kept_for_ever_is_kept_for_a_year() -> None:
    assert read_policy(POLICY.replace("604800", "9999999999").encode()).max_age == timedelta(days=366)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>nothing here</html>",
        POLICY.replace("STSv1", "STSv2"),
        POLICY.replace("enforce", "maybe"),
        POLICY.replace("604800", "a week"),
        POLICY.replace("604800", "-1"),
        "version: STSv1\nmode: enforce\nmax_age: 1\n",
        POLICY.replace("mail.example.com", "*.*.example.com"),
        POLICY.replace("mail.example.com", "mail.example.com\x00"),
        POLICY + "mx: a.test\n" * MOST_PATTERNS,
    ],
    ids=["empty", "page", "version", "mode", "age", "negative", "no-mx", "pattern", "nul", "many"],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(PolicyMalformed):
        read_policy(text.encode())


def test_policy_that_is_withdrawn_names_nothing() -> None:
    assert read_policy(b"version: STSv1\nmode: none\nmax_age: 86400\n").mode is StsMode.NONE


@pytest.mark.parametrize(
    ("host", "is_named"),
    [
        ("mail.example.com", True),
        ("a.mail.example.com", False),
        ("a.example.net", True),
        ("a.b.example.net", False),
        ("example.net", False),
    ],
)
def test_wildcard_stands_for_one_label(host: str, is_named: bool) -> None:
    assert read_policy(POLICY.encode()).names(host) is is_named
