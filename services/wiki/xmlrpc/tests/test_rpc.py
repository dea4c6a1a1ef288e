"""XML-RPC by Python's client and by Twisted's, with Basic in the URL."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
import xmlrpc.client
from datetime import datetime, timedelta
from typing import Any

import pytest
from twisted.web.xmlrpc import Proxy

from services.wiki.calls.tests.fixtures import PASSWORD, People
from services.wiki.calls.tests.site import Opened
from shared.database.blocking import BlockingDatabase
from shared.testing.overtaken import overtaken
from shared.testing.reactor import wait_for
from shared.wiki.page import Author
from shared.wiki.policy import WikiPolicy
from shared.wiki.rename_page import rename_page


def client(opened: Opened, user: str = "alice", password: str = PASSWORD) -> Any:
    return xmlrpc.client.ServerProxy(opened.url("/RPC2", user, password), allow_none=True)


def fault_of(call: Any, *arguments: Any) -> xmlrpc.client.Fault:
    with pytest.raises(xmlrpc.client.Fault) as fault:
        call(*arguments)
    return fault.value


def test_pages_are_written_read_listed_and_deleted(faces: Opened) -> None:
    wiki = client(faces)
    assert wiki.setPage("RpcTest", "This is a test of XmlRpc") == "RpcTest"
    assert wiki.getPage("RpcTest") == "This is a test of XmlRpc"
    assert wiki.listPages() == sorted(wiki.listPages()) == ["RpcTest", "WikiHome"]
    assert wiki.hasPage("RpcTest") is True
    assert wiki.hasPage("Missing") is False
    assert wiki.getPage("Missing") == wiki.getRenderedPage("Missing") == ""
    assert re.search(r'This is a test of <a [^>]*href="/XmlRpc">XmlRpc</a>', wiki.getRenderedPage("RpcTest"))
    assert "XmlRpc" in wiki.listNeededPages()
    assert wiki.deletePage("RpcTest") is True
    assert wiki.getPage("RpcTest") == ""
    assert fault_of(wiki.deletePage, "RpcTest").faultCode == 404


def test_echo_says_what_was_said(faces: Opened) -> None:
    assert client(faces, "").echo("cheese") == "You said: cheese"
    proxy = Proxy(faces.url("/RPC2", "alice", PASSWORD).encode())
    assert wait_for(lambda: _called(proxy, "echo", "cheese")) == "You said: cheese"
    assert wait_for(lambda: _called(proxy, "setPage", "ByTwisted", "a")) == "ByTwisted"


async def _called(proxy: Any, *call: Any) -> Any:
    return await proxy.callRemote(*call)


def test_faults_have_the_numbers_of_http(faces: Opened) -> None:
    stranger, alice, bob = client(faces, ""), client(faces), client(faces, "bob")
    assert fault_of(stranger.setPage, "A", "a").faultCode == 401
    assert fault_of(client(faces, "alice", "wrong").listPages).faultCode == 401
    assert fault_of(alice.setPage, "A").faultCode == 400
    assert fault_of(alice.setPage, "A", 7).faultCode == 400
    assert fault_of(alice.setPage, "save", "a").faultCode == 400
    assert fault_of(alice.setPage, "A", "a", 1, "c", False, "too many").faultCode == 400
    assert fault_of(alice.wiki.getPage, "Missing").faultCode == 404
    alice.setPage("AliceAlone", "a")
    assert fault_of(bob.deletePage, "AliceAlone").faultCode == 403
    assert fault_of(alice.noSuchMethod).faultCode == 8001
    assert fault_of(alice.wiki.noSuchMethod).faultCode == 8001


def test_conflict_has_the_diff_and_a_clean_merge_is_told(faces: Opened) -> None:
    alice, bob = client(faces), client(faces, "bob")
    alice.setPage("Shared", "one\ntwo\nthree\n")
    assert bob.setPage("Shared", "ONE\ntwo\nthree\n", 1) == "Shared"
    conflict = fault_of(alice.setPage, "Shared", "1\ntwo\nthree\n", 1)
    assert conflict.faultCode == 409
    assert "-ONE\n+1\n" in conflict.faultString
    saved = alice.savePage("Shared", "one\ntwo\nTHREE\n", 1)
    assert (saved["merged"], saved["revision"], saved["created"]) == (True, 3, False)
    assert alice.getPage("Shared") == "ONE\ntwo\nTHREE\n"
    assert alice.wiki.putPage("Shared", "ONE\ntwo\nTHREE\nfour\n", {"base": 3}) == {"version": 4, "merged": False}


def test_text_of_all_kinds_goes_round(faces: Opened) -> None:
    wiki = client(faces)
    for text in ("]]>", "<![CDATA[x]]>", "\U0001f600 é", "&amp; <b>", "a\tb", "  blanks \n\n"):
        wiki.setPage("Text", text)
        assert wiki.getPage("Text") == text
    wiki.setPage("Text", xmlrpc.client.Binary(b"a\r\nb\x01c"))  # what XML cannot carry comes as octets
    assert wiki.getPage("Text").data == b"a\r\nb\x01c"
    assert fault_of(wiki.setPage, "Text", "a\x01b").faultCode == 400
    assert fault_of(wiki.setPage, "Text", xmlrpc.client.Binary(b"\xff")).faultCode == 400


def test_wiki_methods_are_as_dokuwikis(faces: Opened) -> None:
    alice = client(faces)
    wiki = alice.wiki
    assert wiki.getRPCVersionSupported() == 2
    assert wiki.putPage("DokuTest", "first", {"sum": "made", "minor": True}) is True
    assert wiki.putPage("DokuTest", "second SomeLink", {}) is True
    assert wiki.putPage("DokuTest", "third SomeLink", []) is True  # PHP's empty array
    assert wiki.getPage("DokuTest") == "third SomeLink"
    assert wiki.getPageVersion("DokuTest", 1) == "first"
    assert wiki.getPageHTML("DokuTest").startswith("<p>")
    assert "first" in wiki.getPageHTMLVersion("DokuTest", 1)
    info = wiki.getPageInfo("DokuTest")
    assert (info["name"], info["author"], info["version"]) == ("DokuTest", "alice", 3)
    assert isinstance(info["lastModified"], xmlrpc.client.DateTime)
    assert wiki.getPageInfoVersion("DokuTest", 2)["version"] == 2
    versions = wiki.getPageVersions("DokuTest", 0)
    assert [each["version"] for each in versions] == [3, 2, 1]
    assert (versions[2]["sum"], versions[2]["user"]) == ("made", "alice")
    assert [each["version"] for each in wiki.getPageVersions("DokuTest", 2)] == [1]
    pages = {each["id"]: each for each in wiki.getAllPages()}
    assert pages["DokuTest"]["size"] == len("third SomeLink")
    since = datetime.now() - timedelta(days=1)
    assert "DokuTest" in {each["name"] for each in wiki.getRecentChanges(int(since.timestamp()))}
    assert "DokuTest" in {each["name"] for each in wiki.getRecentChanges(since)}
    assert wiki.getRecentChanges(2_000_000_000) == []
    assert {"type": "local", "page": "SomeLink", "href": "/SomeLink"} in wiki.listLinks("DokuTest")
    assert wiki.getBackLinks("SomeLink") == ["DokuTest"]
    for missing in (wiki.getPage, wiki.getPageHTML, wiki.getPageInfo, wiki.listLinks):
        assert fault_of(missing, "Missing").faultCode == 404
    assert fault_of(wiki.getPageVersion, "DokuTest", 99).faultCode == 404
    assert wiki.putPage("DokuTest", "", {}) is True  # as in DokuWiki
    assert alice.hasPage("DokuTest") is False


def test_the_links_of_a_page_that_is_renamed_meanwhile_are_listed(
    faces: Opened, people: People, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki, store = client(faces, "").wiki, BlockingDatabase(database_url, "tests")
    client(faces).wiki.putPage("DokuTest", "See SomeLink")

    def rename() -> None:
        store.transact(rename_page, "DokuTest", "DokuWas", Author(people.alice), WikiPolicy())

    # Behind its only answer before the links are asked for: the page.
    monkeypatch.setattr("shared.database.attempt.Transaction", overtaken(1, rename))
    assert [each["page"] for each in wiki.listLinks("DokuTest")] == ["SomeLink"]
    assert wiki.getPage("DokuWas") == "See SomeLink"


def test_every_method_has_help_and_signature(faces: Opened) -> None:
    system = client(faces, "").system
    names = system.listMethods()
    assert names == sorted(names)
    assert {"getPage", "wiki.getPage", "system.multicall"} <= set(names)
    for name in names:
        assert len(system.methodHelp(name)) > 10
        signatures = system.methodSignature(name)
        assert signatures
        assert all(isinstance(kind, str) for signature in signatures for kind in signature)
    assert system.methodSignature("setPage")[0] == ["string", "string", "string"]
    assert fault_of(system.methodHelp, "none").faultCode == 8001


def test_multicall_makes_many_calls_and_never_itself(faces: Opened) -> None:
    alice = client(faces)
    many = xmlrpc.client.MultiCall(alice)
    many.setPage("Many", "text")
    many.getPage("Many")
    many.deletePage("Missing")
    results = many()
    assert (results[0], results[1]) == ("Many", "text")
    with pytest.raises(xmlrpc.client.Fault, match="no such page"):
        results[2]
    nested = alice.system.multicall([{"methodName": "system.multicall", "params": [[]]}, {"params": []}, "x"])
    assert [each["faultCode"] for each in nested] == [400, 400, 400]
    assert len(alice.system.multicall([{"methodName": "echo", "params": ["a"]}] * 100)) == 100
    assert fault_of(alice.system.multicall, [{"methodName": "echo", "params": ["a"]}] * 101).faultCode == 400


def test_get_is_405_and_what_is_no_xml_is_a_fault_and_never_html(faces: Opened) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(faces.url("/RPC2"))
    assert refused.value.code == 405
    for body in (b"", b"<html>", b"{}", b"<methodCall>", b"\0" * 1000):
        with urllib.request.urlopen(faces.url("/RPC2"), body) as response:
            assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
            with pytest.raises(xmlrpc.client.Fault) as fault:
                xmlrpc.client.loads(response.read().decode())
            assert fault.value.faultCode == 400


def test_bugs_are_told_as_nothing_but_internal_errors(faces: Opened, database_url: str) -> None:
    async def fail(_database: Any, *_arguments: Any) -> None:
        raise KeyError("secret")

    object.__setattr__(faces.parts.database, "read", fail)
    fault = fault_of(client(faces, "").listPages)
    assert fault.faultCode == 500
    assert "secret" not in fault.faultString
    assert "KeyError" not in fault.faultString


def test_members_alone_read_a_closed_wiki(closed_wiki: Opened) -> None:
    stranger = client(closed_wiki, "")
    for call in (stranger.listPages, stranger.listNeededPages, stranger.wiki.getAllPages):
        assert fault_of(call).faultCode == 401
    for call in (stranger.getPage, stranger.hasPage, stranger.pageHistory, stranger.searchPages):
        assert fault_of(call, "WikiHome").faultCode == 401
    assert client(closed_wiki).hasPage("WikiHome") is True


def test_strangers_write_where_everyone_does(open_wiki: Opened) -> None:
    stranger = client(open_wiki, "")
    assert stranger.setPage("ByStranger", "text") == "ByStranger"
    assert stranger.wiki.getPageInfo("ByStranger")["author"] == "192.0.2.1"


def test_attachments_are_files_of_pages(faces: Opened) -> None:
    wiki, bob = client(faces).wiki, client(faces, "bob").wiki
    octets = bytes(range(256)) * 10
    assert wiki.putAttachment("WikiHome:tea.png", xmlrpc.client.Binary(octets), {}) == "WikiHome:tea.png"
    assert fault_of(wiki.putAttachment, "WikiHome:tea.png", xmlrpc.client.Binary(b"a"), {}).faultCode == 400
    assert wiki.getAttachment("WikiHome:tea.png").data == octets
    assert wiki.getAttachmentInfo("WikiHome:tea.png")["size"] == 2560
    (listed,) = wiki.getAttachments("WikiHome", {})
    assert (listed["id"], listed["size"], listed["isimg"]) == ("WikiHome:tea.png", 2560, True)
    assert fault_of(bob.deleteAttachment, "WikiHome:tea.png").faultCode == 403
    assert wiki.putAttachment("WikiHome:tea.png", xmlrpc.client.Binary(b"b"), {"ow": True}) == "WikiHome:tea.png"
    assert wiki.deleteAttachment("WikiHome:tea.png") == 0
    assert fault_of(wiki.getAttachment, "WikiHome:tea.png").faultCode == 404
    assert fault_of(wiki.getAttachment, "nothing").faultCode == 400
    assert fault_of(wiki.putAttachment, "Missing:a.txt", xmlrpc.client.Binary(b""), {}).faultCode == 404
