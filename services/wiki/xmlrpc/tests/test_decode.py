"""The reader of requests: what clients send, and what attackers do."""

from __future__ import annotations

import xmlrpc.client
from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import LoopingCall

from services.wiki.calls.errors import Unreadable
from services.wiki.xmlrpc.decode import RpcCall, decode_call
from shared.testing.reactor import running_reactor, wait_for


def decoded(octets: bytes) -> RpcCall:
    return wait_for(lambda: decode_call(octets, running_reactor()))


def call_with(value: str) -> bytes:
    return f"<methodCall><methodName>m</methodName><params><param>{value}</param></params></methodCall>".encode()


def argument(value: str) -> Any:
    return decoded(call_with(value)).arguments[0]


MOMENT = datetime(2026, 11, 26, 8, 40, 5, 0, UTC)
VALUES = [
    ("<value>plain</value>", "plain"),
    ("<value/>", ""),
    ("<value>  kept </value>", "  kept "),
    ("<value><string></string></value>", ""),
    ("<value>\n <string> a &lt; b </string>\n</value>", " a < b "),
    ("<value><string><![CDATA[<a>]]&gt;]]></string></value>", "<a>]]&gt;"),
    ("<value><string>]]&gt;</string></value>", "]]>"),
    ("<value><string>&#x1F600;\U0001f600</string></value>", "\U0001f600\U0001f600"),
    ("<value><string>a&#13;\nb</string></value>", "a\r\nb"),
    ("<value><int> -7 </int></value>", -7),
    ("<value><i4>+7</i4></value>", 7),
    ("<value><i8>9007199254740993</i8></value>", 9007199254740993),
    ("<value><boolean>1</boolean></value>", True),
    ("<value><boolean>0</boolean></value>", False),
    ("<value><double>-1.5e3</double></value>", -1500.0),
    ("<value><nil/></value>", None),
    ("<value><base64>AA\n//\t</base64></value>", b"\0\x0f\xff"),
    ("<value><dateTime.iso8601>20261126T08:40:05</dateTime.iso8601></value>", MOMENT),
    ("<value><dateTime.iso8601>2026-11-26T08:40:05Z</dateTime.iso8601></value>", MOMENT),
    ("<value><array><data/></array></value>", []),
    ("<value><array><data><value>a</value><value><array><data/></array></value></data></array></value>", ["a", []]),
    ("<value><struct/></value>", {}),
    (
        "<value><struct><member><name>a b</name><value><int>1</int></value></member>"
        "<member><name>s</name><value><struct/></value></member></struct></value>",
        {"a b": 1, "s": {}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), VALUES, ids=range(len(VALUES)))
def test_values_mean_what_the_specification_says(written: str, meant: Any) -> None:
    value = argument(written)
    assert (value, type(value)) == (meant, type(meant))


@given(
    st.recursive(
        st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))
        | st.integers(-(2**31), 2**31 - 1)
        | st.booleans()
        | st.binary().map(xmlrpc.client.Binary)
        | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        max_leaves=10,
    )
)
def test_whatever_pythons_client_sends_arrives(value: Any) -> None:
    def bare(each: Any) -> Any:
        match each:
            case xmlrpc.client.Binary():
                return each.data
            case list():
                return list(map(bare, each))
            case dict():
                return {name: bare(item) for name, item in each.items()}
        return each

    sent = xmlrpc.client.dumps((value, "x"), "wiki.m", allow_none=True).encode()
    assert decoded(sent) == RpcCall("wiki.m", [bare(value), "x"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "us-ascii", "windows-1252"])
def test_encoding_is_the_documents_own(encoding: str) -> None:
    document = f"<?xml version='1.0' encoding='{encoding}'?>" + call_with("<value>caf&#233;</value>").decode()
    assert decoded(document.encode(encoding)).arguments == ["café"]


def test_no_parameters_are_no_arguments() -> None:
    assert decoded(b"<methodCall><methodName> listPages\n</methodName></methodCall>") == RpcCall("listPages", [])
    assert decoded(b"<methodCall><methodName>m</methodName><params/></methodCall>") == RpcCall("m", [])


BOMB = "<!DOCTYPE m [" + "".join(
    f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 50}">' for n in range(20)
) + "]>" + call_with("<value>&e19;</value>").decode()  # fmt: skip
WRONG = {
    "nothing": b"",
    "no XML": b"hello",
    "half a document": call_with("<value>x</value>")[:-5],
    "two documents": call_with("<value>x</value>") * 2,
    "HTML": b"<html><body>hello</body></html>",
    "no method": b"<methodCall><params/></methodCall>",
    "two methods": b"<methodCall><methodName>a</methodName><methodName>b</methodName></methodCall>",
    "long method": b"<methodCall><methodName>" + b"a" * 101 + b"</methodName></methodCall>",
    "billion laughs": BOMB.encode(),
    "external entity": b'<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + call_with("<value>&x;</value>"),
    "external type": b'<!DOCTYPE m SYSTEM "http://127.0.0.1:1/m.dtd">' + call_with("<value>x</value>"),
    "parameter entity": b'<!DOCTYPE m [<!ENTITY % x SYSTEM "http://127.0.0.1:1/">%x;]>' + call_with("<value>x</value>"),
    "unknown entity": call_with("<value>&x;</value>"),
    "control character": call_with("<value>\x01</value>"),
    "control reference": call_with("<value>&#1;</value>"),
    "NUL": call_with("<value>\0</value>"),
    "wrong UTF-8": call_with("<value>x</value>").replace(b"x<", b"\xff<"),
    "surrogate in UTF-8": call_with("<value>x</value>").replace(b"x<", b"\xed\xa0\x80<"),
    "unknown encoding": b"<?xml version='1.0' encoding='x-klingon'?>" + call_with("<value>x</value>"),
    "encoding that is none": b"<?xml version='1.0' encoding='zip'?>" + call_with("<value>x</value>"),
    "unknown type": call_with("<value><ex.dateTime>1</ex.dateTime></value>"),
    "two types": call_with("<value><int>1</int><int>2</int></value>"),
    "element in a scalar": call_with("<value><string><b>x</b></string></value>"),
    "array without data": call_with("<value><array/></value>"),
    "data twice": call_with("<value><array><data/><data/></array></value>"),
    "member without value": call_with("<value><struct><member><name>a</name></member></struct></value>"),
    "member without name": call_with("<value><struct><member><value>a</value></member></struct></value>"),
    "integer of many digits": call_with(f"<value><int>{'9' * 5000}</int></value>"),
    "boolean true": call_with("<value><boolean>true</boolean></value>"),
    "no number": call_with("<value><double>nan</double></value>"),
    "no date": call_with("<value><dateTime.iso8601>20261345T99:00:00</dateTime.iso8601></value>"),
    "no base64": call_with("<value><base64>****</base64></value>"),
    "deep arrays": call_with("<value><array><data>" * 20_000),
    "deep and whole": call_with("<value><array><data>" * 25 + "</data></array></value>" * 25),
    "many values": call_with(f"<value><array><data>{'<value/>' * 20_000}</data></array></value>"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_request_is_refused_in_words_of_ours(name: str) -> None:
    start = process_time()
    with pytest.raises(Unreadable) as refused:
        decoded(WRONG[name])
    assert process_time() - start < 2
    assert "line" not in refused.value.sentence.partition("well-formed")[2]  # nothing of expat's own
    assert refused.value.__cause__ is None


def test_ten_megabytes_of_text_give_way_to_others() -> None:
    octets = call_with("<value>" + "x\n" * 5_000_000 + "</value>")
    turns: list[None] = []

    async def read() -> RpcCall:
        others = LoopingCall(turns.append, None)
        others.start(0)
        try:
            return await decode_call(octets, running_reactor())
        finally:
            others.stop()

    assert len(wait_for(read).arguments[0]) == 10_000_000
    assert len(turns) > 2


def test_ten_megabytes_of_elements_end_at_the_bound() -> None:
    start = process_time()
    with pytest.raises(Unreadable):
        decoded(call_with("<value><array><data>" + "<value/>" * 1_250_000 + "</data></array></value>"))
    assert process_time() - start < 5
