"""`agora news` at an INN: its groups, its articles with and without NEWNEWS, posts, refusals, and a sign-in."""

from __future__ import annotations

import mailbox
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.clients.inn import GROUPS, PASSWORD, USER, Inn, running_inn
from shared.command_line.state_directory import ROOT


@pytest.fixture(scope="module", params=[True, False], ids=["with NEWNEWS", "without NEWNEWS"])
def inn(request: pytest.FixtureRequest) -> Iterator[Inn]:
    with running_inn(newnews=request.param) as running:
        yield running


def agora(*words: str | Path, input: str = "") -> subprocess.CompletedProcess[str]:
    """Run `agora news …`."""
    command = [str(ROOT / "agora"), "news", *map(str, words)]
    return subprocess.run(command, input=input, env={**os.environ}, capture_output=True, text=True)


def place(inn: Inn) -> str:
    return "{}:{}".format(*inn.nntp)


def post(inn: Inn, subject: str, *words: str) -> subprocess.CompletedProcess[str]:
    article = f"From: Ann <ann@example.org>\nSubject: {subject}\n\nAbout {subject}.\n.\n..dots\nFrom here\n"
    return agora("post", "local.tea", "--host", place(inn), *words, input=article)


def test_an_inn_is_read_and_posted_to(inn: Inn, tmp_path: Path) -> None:
    groups = agora("groups", place(inn))
    assert groups.returncode == 0, groups.stderr
    assert set(GROUPS) <= set(groups.stdout.splitlines())
    assert groups.stdout.splitlines() == sorted(groups.stdout.splitlines())
    posted = [post(inn, subject) for subject in ("Assam", "Darjeeling", "Earl Grey")]
    assert [each.returncode for each in posted] == [0, 0, 0], posted
    identifiers = [each.stdout.strip() for each in posted]
    for name, options in {"last": ["--last", "2"], "since": ["--since", "1d", "--last", "2"]}.items():
        file = tmp_path / name
        done = agora("get", "local.tea", file, *options, "--host", place(inn))
        assert done.stderr == "Fetching article 1 of 2... OK\nFetching article 2 of 2... OK\n"
        messages = list(mailbox.mbox(file))
        assert sorted(message["Message-ID"] for message in messages) == sorted(identifiers[1:])
        assert all(str(message.get_payload()).endswith(".\n.\n..dots\n>From here\n") for message in messages)
    later = agora("get", "local.tea", "-", "--since", "2199-01-01", "--host", place(inn))
    assert (later.returncode, later.stdout, later.stderr) == (0, "", "No articles.\n")


def test_an_inns_refusals_are_its_own_lines(inn: Inn, tmp_path: Path) -> None:
    refused = agora("get", "local.nothing", tmp_path / "x", "--host", place(inn))
    assert (refused.returncode, refused.stderr[:11]) == (1, "agora: 411 ")
    identifier = post(inn, "Oolong").stdout.strip()
    article = f"From: Ann <ann@example.org>\nSubject: x\nMessage-ID: {identifier}\n\nx\n"
    again = agora("post", "local.tea", "--host", place(inn), input=article)
    assert (again.returncode, again.stdout, again.stderr[:11]) == (1, "", "agora: 441 ")


def test_a_user_signs_in_at_an_inn(inn: Inn, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    done = post(inn, "Sencha", "--user", USER, "--password-file", str(tmp_path / "password"))
    assert done.returncode == 0, done.stderr
    (tmp_path / "password").write_text("wrong\n")
    refused = post(inn, "Sencha", "--user", USER, "--password-file", str(tmp_path / "password"))
    assert (refused.returncode, refused.stderr[:11]) == (1, "agora: 481 ")
