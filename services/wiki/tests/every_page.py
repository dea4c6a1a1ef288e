"""Every kind of page of the site, with something on it: what tests of markup, of access and of looks go through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlencode

from services.wiki.routes import make_app
from services.wiki.tests.lived_in import ATTACHED, BLOG_TITLE, FED_ROOM, HELD_ROOM, PAGE, ROOM, live_in
from services.wiki.tests.web import PASSWORD, Browser, Got, Web
from shared.wiki.changes_room.comments import note_comments
from shared.wiki.changes_room.room import CHANGES

_HTML = "text/html"
_FIELDS = re.compile(r'name="(csrf|token|base)" value="(\w*)"')
_VARIABLE = re.compile(r"<[^>]+>")
_HELD = re.compile(r'href="/rooms/~held/([\w-]+)"')
_POST = re.compile(r'href="(/blog/\d{4}/\d\d/[^"]+)"')


class Shown(NamedTuple):
    """A page: what it is called, where it is, and how it was answered."""

    name: str
    path: str
    got: Got


@dataclass
class _Visits:
    """Browsers that stay signed in from page to page."""

    web: Web
    browsers: dict[str | None, Browser]

    def of(self, who: str | None) -> Browser:
        if who not in self.browsers:
            self.browsers[who] = self.web.browser()
            if who is not None:
                self.browsers[who].sign_in(who)
        return self.browsers[who]

    def get(self, name: str, who: str | None, path: str, **fields: str) -> Shown:
        return Shown(name, path, self.of(who).get(path, **fields))

    def post(self, name: str, who: str | None, form_at: str, to: str, /, **typed: str) -> Shown:
        browser = self.of(who)
        fields = dict(_FIELDS.findall(browser.get(form_at).text))
        return Shown(name, to, browser.post(to, {**fields, **typed}))


def every_page(web: Web) -> Iterator[Shown]:
    """Each kind of page: as its address gives it, as a form gives it back, and as an error. Only HTML is among them."""
    visits = _Visits(web, {})
    yield from _html(_of_an_empty_site(visits))
    live_in(web)
    yield from _html(_by_their_paths(visits))
    yield from _html(_of_strangers(visits))
    yield from _html(_that_forms_give_back(visits))
    yield from _html(_of_comments(visits))
    yield from _html(_of_errors(visits))


def _html(pages: Iterator[Shown]) -> Iterator[Shown]:
    return (page for page in pages if page.got.body and page.got.fields["content-type"].startswith(_HTML))


def _of_an_empty_site(visits: _Visits) -> Iterator[Shown]:
    for path in ("/recent", "/index", "/needed", "/orphans", "/rooms/", "/blog/", "/feeds/"):
        yield visits.get(f"empty {path}", "root", path)
    for path in ("/admin/feeds", "/admin/proxy"):
        yield visits.get(f"empty {path}", "root", path)


def _by_their_paths(visits: _Visits) -> Iterator[Shown]:
    """Every rule of the site's table that is asked for by GET, as an administrator sees it."""
    for rule in rules_of(visits.web):
        path = _path_of(visits, rule)
        if path is not None and not path.endswith("/live"):
            yield visits.get(rule, "root", path)


def rules_of(web: Web) -> list[str]:
    """The rules of pages that are read."""
    app = make_app(web.parts)
    tables = (app.url_map, app.wiki.url_map)
    return sorted({rule.rule for table in tables for rule in table.iter_rules() if "GET" in (rule.methods or ())})


def _path_of(visits: _Visits, rule: str) -> str | None:
    """An address that the rule fits and that has something; None where a rule is of other programs, or has no end."""
    if rule.startswith(("/api/v1", "/RPC2", "/SOAP", "/lib/", "/live/", "/static/<")):
        return None
    root = visits.of("root")
    token = _HELD.search(root.get("/rooms/~held").text)
    post = _POST.search(root.get("/blog/").text)
    assert token is not None
    assert post is not None
    year, month, slug = post[1].split("/")[2:5]
    number = "1" if rule.startswith("/admin/") else "2"
    values = {
        "<int:year>": year, "<int:month>": month, "<slug>": slug, "<token>": token[1], "<int:number>": number,
        "<int:part>": "2", "<path:name>": quote(PAGE), "<name>": "alice" if rule.startswith("/admin/users/") else ROOM,
    }  # fmt: skip
    for variable, value in values.items():
        rule = rule.replace(variable, value)
    rule = _VARIABLE.sub("1", rule)
    if rule.startswith("/files/"):
        return f"{rule}?{urlencode({'name': ATTACHED})}"
    return rule


def _of_strangers(visits: _Visits) -> Iterator[Shown]:
    for path in ("/", f"/{quote(PAGE)}", "/NoSuchPage", "/rooms/", f"/rooms/{ROOM}", f"/rooms/{ROOM}/1", "/blog/",
                 "/about", "/sign-in", "/search?q=zebra", "/search", "/index?after=Zz"):  # fmt: skip
        yield visits.get(f"a stranger's {path}", None, path)
    yield visits.get("/welcome", "newt", "/welcome")
    for path in (f"/rooms/{ROOM}?held", f"/rooms/{ROOM}?cancelled=2", f"/rooms/{FED_ROOM}", f"/rooms/{HELD_ROOM}/new",
                 f"/rooms/{ROOM}/1/reply?quote", f"/rooms/{ROOM}/2/reply"):  # fmt: skip
        yield visits.get(f"alice's {path}", "alice", path)
    yield visits.get("older revision", "alice", f"/{quote(PAGE)}?revision=1")
    yield visits.get("diff of the first revision", "alice", f"/diff/{quote(PAGE)}?to=1")
    yield visits.get("history of a deleted page", "alice", "/history/DeletedPage")
    yield visits.get("search", "alice", "/search?q=water")
    yield visits.get("dates of the proxy", "root", "/admin/proxy?days=7")
    yield visits.get("a post was approved", "root", "/rooms/~held?done=approved")
    yield visits.get("name saved", "alice", "/account?done=name")


def _that_forms_give_back(visits: _Visits) -> Iterator[Shown]:
    edit = f"/edit/{quote(PAGE)}"
    typed = {"path": PAGE, "data": "## Mine\n\n*other* text\n", "comment": "mine"}
    yield visits.post("preview", "alice", edit, "/save", do="preview", **typed)
    yield visits.post("conflict", "alice", edit, "/save", **{**typed, "base": "1"})
    yield visits.post("a name that is taken by the site", "alice", edit, "/save", **{**typed, "path": "rooms/x"})
    yield visits.post("a form of an earlier session", "alice", edit, "/save", **{**typed, "csrf": "0"})
    yield visits.post("a stranger saves", None, "/sign-in", "/save", csrf="0", **typed)
    yield visits.post("saved", "alice", "/edit/SavedPage", "/save", path="SavedPage", data="text")
    yield visits.get("a page that was just saved", "alice", "/SavedPage")
    yield visits.post("wrong password", None, "/sign-in", "/sign-in", name="alice", password="wrong", then="/")
    yield visits.post(
        "a text that outlived its session", None, "/sign-in", "/sign-in", name="alice", password="correct horse",
        then=edit, kept_path=PAGE, kept_data="typed <words>", kept_comment="why", kept_base="1",
    )  # fmt: skip
    visits.browsers.pop(None)
    yield from _of_accounts(visits)
    yield from _of_administrators(visits)
    yield visits.get("messages that were found", "alice", "/search?q=seven&in=rooms")
    new = f"/rooms/{ROOM}/new"
    yield visits.post("an empty subject", "alice", new, new, subject=" ", text="what was <typed>")
    yield visits.post("an empty message", "alice", new, new, subject="x", text="")
    yield visits.post("an empty title", "alice", "/blog/new", "/blog/save", title="", body="text")
    yield visits.post("an empty post", "alice", "/blog/new", "/blog/save", title=BLOG_TITLE, body="")


def _of_accounts(visits: _Visits) -> Iterator[Shown]:
    yield visits.post("a name that cannot be used", "newt", "/welcome", "/welcome", full_name="\x01", then="/")
    account = "/account"
    yield visits.post(
        "app password made",
        "alice",
        account,
        "/account/app-password",
        label="phone",
        protocol="imap",
        own_password=PASSWORD,
    )
    yield visits.post("app password for nothing", "alice", account, "/account/app-password", label="phone")
    yield visits.post("password not changed", "alice", account, "/account/password", old="wrong", new="x")
    yield visits.post(
        "a key that is none", "alice", account, "/account/ssh-key", key="ssh-rsa none", own_password=PASSWORD
    )
    yield visits.post(
        "an app password by an app password",
        "alice",
        account,
        "/account/app-password",
        label="phone",
        protocol="imap",
        own_password="no",
    )
    yield visits.post("rooms by mail", "alice", "/account/mail", "/account/mail", **{f"room.{ROOM}": "each"})
    yield visits.get("rooms by mail are chosen", "alice", "/account/mail?done=1")
    yield visits.get("an account with a subscription", "alice", account)
    forward, elsewhere = f"{account}/forward", "a.rather.long.address.of.mine@mail.department.university.test"
    visits.post("", "alice", account, forward, address=elsewhere, own_password=PASSWORD)
    yield visits.get("a forward that waits", "alice", f"{account}?done=forward")
    yield visits.post("a forward to nowhere", "alice", account, forward, address="<x>", own_password=PASSWORD)
    token = visits.web.transaction.value("SELECT token FROM own_forward")
    visits.web.transaction.commit()
    yield visits.get("a forward to be confirmed", None, f"{forward}/confirm/{token}")
    yield visits.post("a forward confirmed", None, "/sign-in", f"{forward}/confirm/{token}")


def _of_administrators(visits: _Visits) -> Iterator[Shown]:
    user = "/admin/new-user"
    yield visits.post("an account that cannot be made", "root", user, user, name="a b", role="guest")
    yield visits.post(
        "a password shown once", "root", user, "/admin/users/bob", change="password", password="", own_password=PASSWORD
    )
    typed_room = {"name": "no room", "reading": "members", "posting": "members"}
    yield visits.post("a room that cannot be made", "root", "/admin/new-room", "/admin/new-room", **typed_room)
    yield visits.post("a feed that is none", "root", "/admin/feeds", "/admin/feeds/new", url="x:y", reading="members")
    rule = {"change": "make", "what": "x.test", "kind": "block"}
    yield visits.post("a rule about a sender that is none", "root", "/admin/senders", "/admin/senders", **rule)


def _of_comments(visits: _Visits) -> Iterator[Shown]:
    """A page with a comment below it, and the room that the comment is in."""
    web = visits.web
    form = visits.of("alice").get(f"/comments/{quote(PAGE)}").fields["location"]
    yield visits.get("the form of a comment", "alice", form)
    visits.post("a comment", "alice", form, form, subject=f"Re: {PAGE}", text="The north wall, not the <south> one.")
    while not note_comments(web.transaction):
        pass
    web.transaction.commit()
    web.parts.pages.forget(PAGE)
    yield visits.get("a page with a comment", "alice", f"/{quote(PAGE)}")
    yield visits.get("the room of changes", "alice", f"/rooms/{CHANGES}")
    yield visits.get("a message about a change", "alice", f"/rooms/{CHANGES}/1")


def _of_errors(visits: _Visits) -> Iterator[Shown]:
    for path in ("/static/none", "/%ff", "/%20x", f"/{quote(PAGE)}?revision=99", f"/{quote(PAGE)}?revision=x",
                 "/rooms/local.none", f"/rooms/{ROOM}/99", "/admin/", "/rooms/~held/none", "/blog/2001/01/none",
                 f"/rooms/{FED_ROOM}/new"):  # fmt: skip
        yield visits.get(f"error at {path}", "alice", path)
    yield Shown("method not allowed", "/sign-in", visits.of("alice").ask("DELETE", "/sign-in"))
    yield visits.post("another site's form", "alice", "/about", "/account/name", csrf="0", full_name="x")
    yield visits.post("a form without its field", "alice", "/account", "/account/name")
