"""The access log, read by GoAccess."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.wiki.routes import make_app
from services.wiki.site.access_log import combined_line
from services.wiki.site.dispatch import Dispatch
from services.wiki.site.request import WebRequest, WebSite
from services.wiki.tests.web import Browser, Web, basic
from shared.testing.reactor import running_reactor
from shared.testing.serving import serving


def test_goaccess_reads_every_line(web: Web, tmp_path: Path) -> None:
    goaccess = shutil.which("goaccess")
    if goaccess is None:
        pytest.skip("goaccess is not installed")
    lines: list[str] = []

    def note(request: WebRequest, status: int, octets: int) -> None:
        lines.append(combined_line(request, status, octets, datetime.now(UTC)))

    site: Any = WebSite(
        Dispatch(web.parts, make_app(web.parts), note), running_reactor(), secure=False, limit=timedelta(seconds=20),
        body_octets=1 << 20,
    )  # fmt: skip
    with serving(site) as port:
        browser = Browser(port)
        for path in ("/about", "/NoPage", '/search?q="x"%0A', "/%ff", "/Caf%C3%A9"):
            browser.get(
                path, User_Agent='evil "agent" \t\\', Referer="http://x.example/?a b", Authorization=basic("alice")
            )
        browser.get("/about")
        browser.post("/sign-in", {"name": "alice", "password": "wrong"})
    log, report = tmp_path / "access.log", tmp_path / "report.json"
    log.write_text("".join(lines))
    subprocess.run(
        [goaccess, log, "--log-format=COMBINED", "--no-global-config", "--ignore-crawlers", "-o", report],
        check=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    general = json.loads(report.read_text(errors="replace"))["general"]
    assert (general["total_requests"], general["failed_requests"]) == (len(lines), 0)
