"""Questions as programs write them (requests/*.xml), and as attackers do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import NamedTuple

import pytest
from twisted.internet.task import LoopingCall

from services.wiki.calls.errors import Unreadable, WrongArguments
from services.wiki.calls.method import bind, table_of
from services.wiki.soap.arguments import arguments_of
from services.wiki.soap.errors import HeaderNotUnderstood, WrongVersion
from services.wiki.soap.names import OURS, SCHEMA_1999, SCHEMA_2001, SOAP_1_1, SOAP_1_2
from services.wiki.soap.question import SoapQuestion, question_in
from services.wiki.soap.read_xml import Element, read_xml
from shared.testing.reactor import running_reactor, wait_for

REQUESTS = Path(__file__).parent / "requests"
NAMES = sorted(path.name for path in REQUESTS.glob("*.xml"))
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:e="http://schemas.xmlsoap.org/soap/encoding/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Body>%s</s:Body></s:Envelope>'
)


async def _set_page(caller: object, path: str, data: str, base: int | None = None, minor: bool = False) -> None:
    """Keep a page."""


async def _join(caller: object, words: Sequence[str]) -> str:
    """Join words."""
    return " ".join(words)


METHODS = table_of({"setPage": _set_page, "join": _join})


def read(octets: bytes) -> Element:
    return wait_for(lambda: read_xml(octets, running_reactor()))


def asked(octets: bytes) -> tuple[SoapQuestion, list[object]]:
    question = question_in(read(octets))
    method = METHODS[question.method]
    return question, bind(method, *arguments_of(question, method))


def arguments(body: str) -> list[object]:
    return asked((ENVELOPE % body).encode())[1]


@pytest.mark.parametrize("name", NAMES)
def test_requests_of_many_programs_mean_the_same(name: str) -> None:
    question, bound = asked((REQUESTS / name).read_bytes())
    assert bound == ["SoapTest", "This is a test of SoapRpc", None, False]
    assert question.method == "setPage"
    assert question.version is (SOAP_1_2 if "_1_2_" in name else SOAP_1_1)
    assert question.encoded is not (name.startswith("axis2") or "literal" in name)
    assert question.space in ("", OURS)


class Spoken(NamedTuple):
    encoded: bool
    schema: str
    space: str


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("soappy_set_page.xml", Spoken(True, SCHEMA_1999, "")),
        ("soappy_2001_set_page.xml", Spoken(True, SCHEMA_2001, "")),
        ("gsoap_set_page.xml", Spoken(True, SCHEMA_2001, OURS)),
        ("axis2_set_page.xml", Spoken(False, SCHEMA_2001, OURS)),
    ],
)
def test_style_and_schema_are_the_questions(name: str, spoken: Spoken) -> None:
    question = question_in(read((REQUESTS / name).read_bytes()))
    assert Spoken(question.encoded, question.schema, question.space) == spoken


def test_arguments_of_all_kinds() -> None:
    named = "<path>a</path><data/><base> 7 </base><minor>true</minor>"
    assert arguments(f"<setPage>{named}</setPage>") == ["a", "", 7, True]
    assert arguments('<setPage><a>a</a><b>b</b><c xsi:nil="true"/></setPage>') == ["a", "b", None, False]
    assert arguments("<join><x><item>a</item><item>b</item></x></join>") == [["a", "b"]]
    sections = "<a>a&#13;\r\n</a><b><![CDATA[]]]]><![CDATA[><b>]]></b>"
    assert arguments(f"<setPage>{sections}</setPage>")[:2] == ["a\r\n", "]]><b>"]
    assert arguments("<setPage><a>\U0001f600</a><b>&#x1F600;</b></setPage>")[:2] == ["\U0001f600"] * 2


@pytest.mark.parametrize(
    "body",
    [
        "<setPage/>",
        "<setPage><a>a</a></setPage>",
        "<setPage><path>a</path></setPage>",
        "<setPage><a>a</a><b>b</b><c>1</c><d>1</d><e>too many</e></setPage>",
        "<setPage><a>a</a><b>b</b><c>seven</c></setPage>",
        "<setPage><a>a</a><b>b</b><c>99999999999999999999</c></setPage>",
        "<setPage><a>a</a><b><i>b</i></b></setPage>",
        '<setPage><a href="#none"/><b>b</b></setPage>',
        '<setPage><a id="x" href="#x"/><b>b</b></setPage>',
        '<setPage><a id="x" href="#y"/><b id="y" href="#x"/></setPage>',
    ],
)
def test_arguments_that_do_not_fit_are_refused_in_words_of_ours(body: str) -> None:
    with pytest.raises(WrongArguments) as refused:
        arguments(body)
    assert refused.value.sentence.startswith("setPage(path, data[, base][, minor]): ")


def entities(count: int) -> str:
    return "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 50}">' for n in range(count))


WRONG = {
    "nothing": b"",
    "no XML": b"hello",
    "half a document": (ENVELOPE % "<a/>").encode()[:-9],
    "billion laughs": f"<!DOCTYPE s [{entities(20)}]>{ENVELOPE % '<a>&e19;</a>'}".encode(),
    "bomb in an attribute": ("<!DOCTYPE s [" + entities(20) + "]>" + ENVELOPE % '<a b="&e19;"/>').encode(),
    "external entity": b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + (ENVELOPE % "<a>&x;</a>").encode(),
    "external type": b'<!DOCTYPE s SYSTEM "http://127.0.0.1:1/s.dtd">' + (ENVELOPE % "<a/>").encode(),
    "parameter entity": b'<!DOCTYPE s [<!ENTITY % x SYSTEM "http://127.0.0.1:1/">%x;]>' + (ENVELOPE % "<a/>").encode(),
    "doctype in UTF-16": ("<!DOCTYPE s [<!ENTITY x 'y'>]>" + ENVELOPE % "<a>&x;</a>").encode("utf-16"),
    "unknown entity": (ENVELOPE % "<a>&x;</a>").encode(),
    "control character": (ENVELOPE % "<a>\x01</a>").encode(),
    "control reference": (ENVELOPE % "<a>&#1;</a>").encode(),
    "NUL": (ENVELOPE % "<a>\0</a>").encode(),
    "wrong UTF-8": (ENVELOPE % "<a>x</a>").encode().replace(b"x<", b"\xff<"),
    "deep elements": (ENVELOPE % ("<a>" * 20_000)).encode(),
    "deep and whole": (ENVELOPE % ("<a>" * 100 + "</a>" * 100)).encode(),
    "many elements": (ENVELOPE % ("<a/>" * 1_000_000)).encode(),
    "many attributes": (ENVELOPE % ("<a " + " ".join(f'a{n}=""' for n in range(50_000)) + "/>")).encode(),
    "no envelope": b"<html/>",
    "no body": (ENVELOPE % "").encode().replace(b"<s:Body></s:Body>", b""),
    "empty body": (ENVELOPE % "").encode(),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_question_is_refused_in_words_of_ours(name: str) -> None:
    start = process_time()
    with pytest.raises(Unreadable) as refused:
        question_in(read(WRONG[name]))
    assert process_time() - start < 3
    assert refused.value.__cause__ is None


def test_another_version_is_told() -> None:
    with pytest.raises(WrongVersion):
        question_in(read(b'<s:Envelope xmlns:s="http://example.org/soap"><s:Body><a/></s:Body></s:Envelope>'))


def test_header_that_must_be_understood_is_told() -> None:
    header = '<s:Header><t s:mustUnderstand="1"/></s:Header><s:Body>'
    with pytest.raises(HeaderNotUnderstood):
        question_in(read((ENVELOPE % "<a/>").replace("<s:Body>", header).encode()))
    question_in(read((ENVELOPE % "<a/>").replace("<s:Body>", header.replace("1", "0")).encode()))


def test_ten_megabytes_of_text_give_way_to_others() -> None:
    octets = (ENVELOPE % ("<setPage><a>a</a><b>" + "xxxxxx&lt;" * 1_000_000 + "</b></setPage>")).encode()
    turns: list[None] = []

    async def go() -> Element:
        others = LoopingCall(turns.append, None)
        others.start(0)
        try:
            return await read_xml(octets, running_reactor())
        finally:
            others.stop()

    assert len(wait_for(go).children[0].children[0].children[1].text) == 7_000_000
    assert len(turns) >= 2
