"""Scripts of other sites ask /api where the operator has named their origin, and never by cookies."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.wiki.settings import WikiSettings
from services.wiki.tests.web import Got, Web, basic

ORIGIN, OTHER = "https://app.example.org", "https://evil.example"
ONE = pytest.mark.parametrize("web", [{"web_cors_origins": f"{ORIGIN}, http://localhost:3000"}], indirect=True)
ANY = pytest.mark.parametrize("web", [{"web_cors_origins": "*"}], indirect=True)
PATH = "/api/v1/pages/WikiHome"


def allowed(got: Got) -> str | None:
    assert "access-control-allow-credentials" not in got.fields
    return got.fields.get("access-control-allow-origin")


def preflight(web: Web, origin: str, path: str = PATH) -> Got:
    return web.script().ask("OPTIONS", path, Origin=origin, Access_Control_Request_Method="PUT")


def test_no_origin_is_allowed_unless_it_is_set(web: Web) -> None:
    got = web.script().get(PATH, Origin=ORIGIN)
    assert (got.status, allowed(got)) == (200, None)
    assert allowed(preflight(web, ORIGIN)) is None


@ONE
def test_a_named_origin_reads_and_writes_with_authorization_and_others_do_not(web: Web) -> None:
    got = web.script().get(PATH, Origin=ORIGIN)
    assert allowed(got) == ORIGIN
    assert "RateLimit" in got.fields["access-control-expose-headers"]
    assert "Origin" in got.fields["vary"]
    asked = preflight(web, ORIGIN)
    assert asked.status == 204
    assert "PUT" in asked.fields["access-control-allow-methods"]
    assert "Authorization" in asked.fields["access-control-allow-headers"]
    body = b'{"source": "x"}'
    fields = {"Origin": ORIGIN, "Content_Type": "application/json", "Authorization": basic("alice")}
    assert allowed(web.script().ask("PUT", "/api/v1/pages/New", body, **fields)) == ORIGIN
    assert allowed(web.script().get("/api/v1/pages/Missing", Origin=ORIGIN)) == ORIGIN  # problems are read, too
    assert allowed(web.script().get("/api/openapi.json", Origin="http://localhost:3000")) is not None
    for refused in (web.script().get(PATH, Origin=OTHER), preflight(web, OTHER)):
        assert allowed(refused) is None
        assert "Origin" in refused.fields["vary"]
    assert allowed(web.script().get("/WikiHome", Origin=ORIGIN)) is None  # the site itself is no API


@ANY
def test_every_origin_may_be_allowed(web: Web) -> None:
    assert allowed(web.script().get(PATH, Origin=OTHER)) == "*"
    alice = web.browser("alice")
    got = alice.ask("PUT", "/api/v1/pages/New", b'{"source": "x"}', Origin=OTHER, Content_Type="application/json")
    assert got.status == 403  # a cookie signs nothing without its token


@pytest.mark.parametrize("origins", ["app.example.org", "https://app.example.org/", "https://a b", "null"])
def test_what_is_no_origin_is_refused_at_the_start(origins: str) -> None:
    with pytest.raises(ValidationError):
        WikiSettings(web_cors_origins=origins)  # type: ignore[arg-type]


def test_the_description_is_a_page_without_anything_of_other_sites(web: Web) -> None:
    got = web.browser().get("/api")
    assert got.status == 200
    assert "GET /api/v1/pages/{name}" in got.text
    assert 'id="record-FeedInfo"' in got.text
    assert "//" not in got.text.replace("http://127.0.0.1", "").replace("https://", "").replace("http://", "")
    assert got.text.count("<script") == 1
