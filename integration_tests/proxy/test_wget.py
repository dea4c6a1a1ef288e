"""wget goes out: it follows a redirection, and mirrors a site by its links."""

from __future__ import annotations

from collections.abc import Callable

from integration_tests.clients.program import Program
from integration_tests.proxy.conftest import LARGE
from integration_tests.proxy.site import Page, Site
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack


def test_a_small_site_is_mirrored(program: Callable[[str], Program], plain: Site, stack: Stack, member: Member) -> None:
    plain.pages["/"] = Page(b'<a href="one.html">one</a> <a href="/moved">two</a> <a href="/large">three</a>')
    plain.pages["/one.html"] = Page("<p>Grüße".encode())
    wget = program("wget")
    host, port = stack.http_proxy
    wget.write(
        ".wgetrc",
        f"use_proxy = on\nhttp_proxy = http://{host}:{port}/\n"
        f"proxy_user = {member.name}\nproxy_password = {member.password}\n",
    )
    wget.succeed("--quiet", "--recursive", "--no-host-directories", plain.url("/"))
    assert (wget.home / "one.html").read_bytes() == plain.pages["/one.html"].body
    assert (wget.home / "large").read_bytes() == LARGE
    assert (wget.home / "moved").read_bytes() == plain.pages["/"].body
    assert all("Via" in seen.headers for seen in plain.seen)
