"""git clones over HTTP through the proxy."""

from __future__ import annotations

from collections.abc import Callable

from integration_tests.clients.program import Program
from integration_tests.proxy.site import site
from integration_tests.stack.stack import Stack


def test_a_repository_is_cloned(program: Callable[[str], Program], stack: Stack, way_out: str) -> None:
    git = program("git")
    written = git.write("work/letter.txt", "Tea at four?\n" * 1000)
    by = ("-c", "user.name=Alice", "-c", "user.email=alice@example.org", "-C", written.parent)
    git.succeed(*by, "init", "--quiet")
    git.succeed(*by, "add", "letter.txt")
    git.succeed(*by, "commit", "--quiet", "--message", "a letter")
    git.succeed("clone", "--quiet", "--bare", written.parent, git.home / "site" / "letters.git")
    git.succeed("-C", git.home / "site" / "letters.git", "update-server-info")
    with site(stack.here, {}, git.home / "site") as served:
        git.succeed("-c", f"http.proxy={way_out}", "clone", "--quiet", served.url("/letters.git"), git.home / "cloned")
        assert served.seen
        assert all("Via" in seen.headers for seen in served.seen)
    assert (git.home / "cloned" / "letter.txt").read_bytes() == written.read_bytes()
