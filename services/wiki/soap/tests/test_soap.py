"""SOAP by zeep over the real WSDL, and by the octets that older programs send."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
import zeep
from lxml import etree
from zeep.exceptions import Fault
from zeep.transports import Transport

from services.wiki.calls.method import Method
from services.wiki.calls.plain_methods import PLAIN
from services.wiki.calls.tests.fixtures import PASSWORD
from services.wiki.calls.tests.site import Opened

REQUESTS = Path(__file__).parent / "requests"
SOAP_1_1 = "{http://schemas.xmlsoap.org/soap/envelope/}"
SOAP_1_2 = "{http://www.w3.org/2003/05/soap-envelope}"
SET_PAGE = sorted(path.name for path in REQUESTS.glob("*.xml"))


class SoapReply(NamedTuple):
    status: int
    media: str
    octets: bytes

    @property
    def root(self) -> Any:
        return etree.fromstring(self.octets)


def service(opened: Opened, port: str, user: str = "alice") -> Any:
    session = requests.Session()
    session.trust_env = False
    if user:
        session.auth = (user, PASSWORD)
    client = zeep.Client(opened.url("/SOAP?wsdl"), transport=Transport(session=session))
    return client.bind("Wiki", port)


def post(opened: Opened, octets: bytes, user: str = "alice", media: str = "text/xml; charset=utf-8") -> SoapReply:
    answer = requests.post(
        opened.url("/SOAP"),
        octets,
        headers={"Content-Type": media},
        auth=(user, PASSWORD) if user else None,
        timeout=20,
    )
    return SoapReply(answer.status_code, answer.headers["Content-Type"], answer.content)


@pytest.mark.parametrize("port", ["soap", "soap12"])
def test_zeep_drives_every_operation(faces: Opened, port: str) -> None:
    wiki = service(faces, port)
    drove = {
        "echo": wiki.echo("cheese") == "You said: cheese",
        "setPage": wiki.setPage("SoapTest", "This is a test of SoapRpc") is None,
        "getPage": wiki.getPage("SoapTest") == "This is a test of SoapRpc",
        "hasPage": [wiki.hasPage("SoapTest"), wiki.hasPage("Missing")] == [True, False],
        "listPages": wiki.listPages() == ["SoapTest", "WikiHome"],
        "getRenderedPage": 'href="/SoapRpc">SoapRpc</a>' in wiki.getRenderedPage("SoapTest"),
        "readPage": wiki.readPage("SoapTest").revision == 1,
        "savePage": wiki.savePage("SoapTest", "second", base=1, comment="why").revision == 2,
        "pageHistory": [line.comment for line in wiki.pageHistory("SoapTest")] == ["why", None],
        "listNeededPages": wiki.listNeededPages() in (None, [], ["SoapRpc"]),
        "searchPages": [hit.name for hit in wiki.searchPages("second")] == ["SoapTest"],
        "deletePage": wiki.deletePage("SoapTest") is True,
    }
    assert [name for name, well in drove.items() if not well] == []
    assert set(drove) == set(PLAIN)


@pytest.mark.parametrize("port", ["soap", "soap12"])
def test_zeep_gets_text_of_all_kinds_back(faces: Opened, port: str) -> None:
    wiki = service(faces, port)
    for text in ("]]>", "<![CDATA[x]]>", "\U0001f600 é", "&amp; <b>", " blanks \n\n", "a\tb"):
        wiki.setPage("Text", text)
        assert wiki.getPage("Text") == text


@pytest.mark.parametrize("port", ["soap", "soap12"])
def test_faults_are_zeeps_faults(faces: Opened, port: str) -> None:
    with pytest.raises(Fault, match="no such page"):
        service(faces, port).deletePage("Missing")
    with pytest.raises(Fault, match="sign in"):
        service(faces, port, "").setPage("A", "a")
    wiki = service(faces, port)
    wiki.setPage("Shared", "one\n")
    wiki.setPage("Shared", "two\n")
    with pytest.raises(Fault) as conflict:
        wiki.setPage("Shared", "three\n", 1)
    detail = etree.tostring(conflict.value.detail).decode()
    assert "409" in detail
    assert "-two\n+three\n" in detail


@pytest.mark.parametrize("name", SET_PAGE)
def test_requests_of_many_programs_save_the_page_and_are_answered_in_their_own_style(faces: Opened, name: str) -> None:
    reply = post(faces, (REQUESTS / name).read_bytes())
    assert reply.status == 200, reply.octets
    envelope = SOAP_1_2 if "_1_2_" in name else SOAP_1_1
    assert reply.media.startswith("application/soap+xml" if "_1_2_" in name else "text/xml")
    (answer,) = reply.root.find(f"{envelope}Body")
    assert etree.QName(answer).localname == "setPageResponse"
    assert [each.tag for each in answer] == ["Result"]
    assert b"<Result xsi:nil=" in reply.octets or b'<Result xsi:null="1"/>' in reply.octets
    assert service(faces, "soap").getPage("SoapTest") == "This is a test of SoapRpc"


def test_the_answers_octets_are_as_soappys_server_writes_them(faces: Opened) -> None:
    answered = post(faces, (REQUESTS / "soappy_2001_set_page.xml").read_bytes()).octets
    assert b'<setPageResponse SOAP-ENC:root="1"><Result xsi:nil="true"/></setPageResponse>' in answered
    assert b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' in answered
    answered = post(faces, (REQUESTS / "soappy_set_page.xml").read_bytes()).octets
    assert b'<setPageResponse SOAP-ENC:root="1"><Result xsi:null="1"/></setPageResponse>' in answered
    assert b'xmlns:xsi="http://www.w3.org/1999/XMLSchema-instance"' in answered


def soappy(method: str, *arguments: str) -> bytes:
    inside = "".join(f'<v{at} xsi:type="xsd:string">{each}</v{at}>' for at, each in enumerate(arguments, 1))
    call = f'<{method} SOAP-ENC:root="1">{inside}</{method}>'
    document = (REQUESTS / "soappy_2001_set_page.xml").read_text()
    before, _, rest = document.partition("<setPage")
    return (before + call + rest.partition("</setPage>")[2]).encode()


def test_results_are_encoded_with_their_types(faces: Opened) -> None:
    post(faces, soappy("setPage", "SoapTest", "text"))
    pages = b'<Result xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="xsd:string[2]"><item xsi:type="xsd:string">SoapTest'
    assert pages in post(faces, soappy("listPages")).octets
    assert b'<Result xsi:type="xsd:boolean">true</Result>' in post(faces, soappy("hasPage", "SoapTest")).octets
    assert b'<Result xsi:type="xsd:boolean">false</Result>' in post(faces, soappy("hasPage", "Missing")).octets
    assert b'<Result xsi:type="xsd:string">You said: cheese</Result>' in post(faces, soappy("echo", "cheese")).octets
    assert b'<Result xsi:type="xsd:string">text</Result>' in post(faces, soappy("getPage", "SoapTest")).octets


def test_faults_of_both_versions(faces: Opened) -> None:
    missing = post(faces, soappy("deletePage", "Missing"))
    assert missing.status == 500
    assert missing.root.findtext(f".//{SOAP_1_1}Fault/faultcode") == "SOAP-ENV:Client"
    unknown = post(faces, soappy("noSuchMethod"))
    assert unknown.root.findtext(f".//{SOAP_1_1}Fault/faultstring") == "there is no such method"
    question = (REQUESTS / "php_1_2_set_page.xml").read_bytes().replace(b"setPage", b"noSuchMethod")
    sender = post(faces, question)
    assert sender.status == 400
    assert sender.root.findtext(f".//{SOAP_1_2}Code/{SOAP_1_2}Value") == "SOAP-ENV:Sender"
    wrong = post(faces, b'<s:Envelope xmlns:s="http://example.org/"><s:Body><a/></s:Body></s:Envelope>')
    assert wrong.root.findtext(f".//{SOAP_1_1}Fault/faultcode") == "SOAP-ENV:VersionMismatch"
    signed_out = post(faces, soappy("setPage", "A", "a"), user="nobody")
    assert signed_out.root.findtext(f".//{SOAP_1_1}Fault/faultcode") == "SOAP-ENV:Client"


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"\0" * 1000, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_is_no_soap_is_a_fault_and_never_html(faces: Opened, body: bytes) -> None:
    reply = post(faces, body)
    assert (reply.status, reply.media) == (500, "text/xml; charset=utf-8")
    assert reply.root.findtext(f".//{SOAP_1_1}Fault/faultcode") == "SOAP-ENV:Client"


def test_bugs_are_told_as_nothing_but_internal_errors(faces: Opened) -> None:
    async def fail(_database: Any, *_arguments: Any) -> None:
        raise KeyError("secret")

    object.__setattr__(faces.parts.database, "read", fail)
    reply = post(faces, soappy("listPages"), user="")
    assert reply.root.findtext(f".//{SOAP_1_1}Fault/faultcode") == "SOAP-ENV:Server"
    assert b"secret" not in reply.octets


def test_pages_that_xml_cannot_carry_are_a_fault(faces: Opened) -> None:
    encoded = soappy("setPage", "Odd", "YQFi").replace(b'<v2 xsi:type="xsd:string"', b'<v2 xsi:type="xsd:base64Binary"')
    assert post(faces, encoded).status == 200
    reply = post(faces, soappy("getPage", "Odd"))
    assert "control characters" in reply.root.findtext(f".//{SOAP_1_1}Fault/faultstring")


def test_wsdl_is_at_its_address_and_names_it(faces: Opened) -> None:
    with urllib.request.urlopen(faces.url("/SOAP?wsdl")) as response:
        wsdl = response.read()
    assert faces.url("/SOAP").encode() in wsdl
    operations = etree.fromstring(wsdl).iterfind(".//{*}portType/{*}operation")
    assert {each.get("name") for each in operations} == set(PLAIN)
    assert all(isinstance(method, Method) for method in PLAIN.values())
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(urllib.request.Request(faces.url("/SOAP"), method="PUT"))
