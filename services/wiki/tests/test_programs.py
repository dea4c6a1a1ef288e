"""The faces for programs on the site itself: who may ask, and that what they get is never HTML."""

from __future__ import annotations

import json
import xmlrpc.client
from urllib.parse import quote

import pytest

from services.wiki.tests.web import BROWSER, PASSWORD, Browser, Web, basic
from shared.accounts.add_app_password import add_app_password

XML = {"Content_Type": "text/xml"}


def call(browser: Browser, method: str, *arguments: object, **fields: str) -> object:
    """The result of an XML-RPC call. Raises Fault."""
    body = xmlrpc.client.dumps(arguments, method).encode()  # type: ignore[arg-type]
    got = browser.ask("POST", "/RPC2", body, **{**XML, **fields})
    assert (got.status, got.fields["content-type"]) == (200, "text/xml; charset=utf-8")
    (result,), _ = xmlrpc.client.loads(got.text)
    return result


def test_clients_of_xml_rpc_sign_in_with_basic_in_the_url(web: Web) -> None:
    url = f"http://alice:{quote(PASSWORD)}@127.0.0.1:{web.port}"
    for path in ("/RPC2", "/lib/exe/xmlrpc.php"):
        wiki = xmlrpc.client.ServerProxy(url + path)
        assert wiki.setPage("RpcTest", "This is a test of XmlRpc") == "RpcTest"
        assert wiki.getPage("RpcTest") == "This is a test of XmlRpc"
    shown = web.script().get("/RpcTest", Accept=BROWSER)
    assert 'href="/XmlRpc"' in shown.text  # at once, though the page was read before


def test_what_is_saved_by_a_program_is_shown_to_people_at_once(web: Web) -> None:
    browser = web.browser()
    for number in range(5):
        call(web.script(), "setPage", "Changing", f"text {number}", Authorization=basic("alice"))
        assert f"text {number}" in browser.get("/Changing").text
    call(web.script(), "deletePage", "Changing", Authorization=basic("root"))
    assert browser.get("/Changing").status in (302, 404)


def test_a_session_needs_its_token(web: Web) -> None:
    alice = web.browser("alice")
    with pytest.raises(xmlrpc.client.Fault) as fault:
        call(alice, "setPage", "A", "a")
    assert fault.value.faultCode == 403
    refused = alice.ask("PUT", "/api/v1/pages/A", b'{"source": "a"}', Content_Type="application/json")
    assert refused.status == 403
    token = alice.csrf("/edit/WikiHome")
    assert call(alice, "setPage", "A", "a", X_CSRF_Token=token) == "A"
    body = b'{"source": "b"}'
    saved = alice.ask("PUT", "/api/v1/pages/A", body, Content_Type="application/json", X_CSRF_Token=token)
    assert saved.status == 200
    assert alice.ask("GET", "/api/v1/account", Accept="application/json").status == 200


@pytest.mark.parametrize("accept", [BROWSER, "*/*", "text/html"])
@pytest.mark.parametrize(
    ("method", "path", "media"),
    [
        ("POST", "/RPC2", "text/xml"),
        ("POST", "/SOAP", "text/xml"),
        ("GET", "/api/v1/pages/Missing", "application/problem+json"),
        ("GET", "/api/v1/nothing", "application/problem+json"),
        ("PUT", "/api/v1/pages/A", "application/problem+json"),
        ("PATCH", "/api/v1/pages/A", "application/problem+json"),
        ("GET", "/api/openapi.json", "application/json"),
        ("GET", "/SOAP?wsdl", "text/xml"),
        ("GET", "/api/v1/pages/%ff", "application/problem+json"),
        ("GET", "/api/v1/pages/a%0Db", "application/problem+json"),
        ("GET", "/api/v1/pages?q=%ff", "application/problem+json"),
        ("DELETE", "/SOAP", "text/plain"),
        ("POST", "/RPC2?%ff", "text/plain"),
    ],
)
def test_programs_never_get_html(web: Web, accept: str, method: str, path: str, media: str) -> None:
    got = web.script().ask(method, path, b"<html>" if method in ("POST", "PUT") else None, Accept=accept)
    assert got.fields["content-type"].startswith(media)
    assert "set-cookie" not in got.fields
    if "json" in media:
        json.loads(got.body)


def test_wrong_passwords_are_refused_by_each_face_in_its_own_way(web: Web) -> None:
    wrong = {"Authorization": basic("alice", "wrong")}
    with pytest.raises(xmlrpc.client.Fault) as fault:
        call(web.script(), "listPages", **wrong)
    assert fault.value.faultCode == 401
    problem = web.script().get("/api/v1/pages", **wrong)
    assert (problem.status, problem.fields["www-authenticate"][:5]) == (401, "Basic")
    assert "problem+json" in problem.fields["content-type"]


def test_methods_that_a_path_does_not_know(web: Web) -> None:
    for path, allowed in (("/RPC2", "POST"), ("/SOAP", "GET, HEAD, POST"), ("/api/openapi.json", "GET, HEAD")):
        got = web.script().ask("DELETE", path)
        assert (got.status, got.fields["allow"]) == (405, allowed)
    assert web.script().get("/RPC2").status == 405
    assert "wsdl" in web.script().get("/SOAP").text


def test_addresses_in_the_wsdl_are_the_clients_own(web: Web) -> None:
    got = web.script().get("/SOAP?wsdl", Host="wiki.example.org:8080")
    assert b'location="http://wiki.example.org:8080/SOAP"' in got.body
    hostile = web.script().get("/SOAP?WSDL", Host='a"><script>')
    assert b"<script>" not in hostile.body


def test_slashes_in_names_are_as_they_come(web: Web) -> None:
    alice = {"Authorization": basic("alice"), "Content_Type": "application/json"}
    assert web.script().ask("PUT", "/api/v1/pages/A%2Frevisions", b'{"source": "a"}', **alice).status == 201
    assert json.loads(web.script().get("/api/v1/pages/A%2Frevisions").body)["name"] == "A/revisions"
    assert web.script().get("/api/v1/pages/A/revisions").status == 404
    assert web.script().get("/api/v1/pages/%2e%2e%2f%2e%2e").status == 400
    assert web.script().get("/api/v1/pages/a%00b").status == 400


@pytest.mark.parametrize("web", [{"wiki_read": "members"}], indirect=True)
def test_strangers_read_nothing_of_a_closed_wiki(web: Web) -> None:
    assert web.script().get("/api/v1/pages/WikiHome").status == 401
    with pytest.raises(xmlrpc.client.Fault) as fault:
        call(web.script(), "getPage", "WikiHome")
    assert fault.value.faultCode == 401


def test_guests_do_not_write(web: Web) -> None:
    with pytest.raises(xmlrpc.client.Fault) as fault:
        call(web.script(), "setPage", "A", "a", Authorization=basic("gus"))
    assert fault.value.faultCode == 403


def test_an_app_password_for_the_web_is_a_bearer_token(web: Web) -> None:
    _, secret = add_app_password(web.transaction, web.accounts["alice"].id, "script", ["web"])
    _, other = add_app_password(web.transaction, web.accounts["alice"].id, "phone", ["imap"])
    web.transaction.commit()
    own = web.script().get("/api/v1/account", Authorization=f"Bearer {secret}")
    assert (own.status, json.loads(own.body)["name"]) == (200, "alice")
    for wrong in (other, "x", ""):
        assert web.script().get("/api/v1/account", Authorization=f"Bearer {wrong}").status == 401
    assert call(web.script(), "setPage", "ByToken", "a", Authorization=f"Bearer {secret}") == "ByToken"
