"""The writer of responses, read by Python's own client."""

from __future__ import annotations

import xmlrpc.client
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.wiki.xmlrpc.encode import Fault, encode_response


class TwoFields(NamedTuple):
    name: str
    revision: int


def read(result: Any) -> Any:
    (value,), _ = xmlrpc.client.loads(encode_response(result), use_builtin_types=True)
    return value


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")))
def test_text_goes_round(text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize(
    "text", ["]]>", "<![CDATA[x]]>", "a\r\nb\rc\n", "\t", "\U0001f600", "&amp;", "<b>", "\x7f\x85"]
)
def test_text_that_is_lost_elsewhere_goes_round(text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize("text", ["\0", "a\x01b", "\x0b", "\ufffe", "\uffff"])
def test_text_that_xml_cannot_have_is_octets(text: str) -> None:
    assert read(text) == text.encode()


def test_values_of_all_kinds() -> None:
    moment = datetime(2026, 11, 26, 8, 40, 5, tzinfo=UTC)
    result = [True, 1, 1 << 40, 1.5, None, b"\0\xff", moment, ["a"], ("b",), {"c": 1}, TwoFields("d", 2)]
    naive = moment.replace(tzinfo=None)
    assert read(result) == [
        True, 1, 1 << 40, 1.5, None, b"\0\xff", naive, ["a"], ["b"], {"c": 1}, {"name": "d", "revision": 2},
    ]  # fmt: skip


def test_fault_is_a_fault() -> None:
    with pytest.raises(xmlrpc.client.Fault) as fault:
        xmlrpc.client.loads(encode_response(Fault(404, "no such page: <\x01>")))
    assert fault.value.faultCode == 404


def test_value_of_no_kind_is_a_bug() -> None:
    with pytest.raises(TypeError):
        encode_response(object())
