"""A browser's first look at the site: how much it loads, from where, and how soon there is something to read."""

from __future__ import annotations

from typing import NamedTuple

from playwright.sync_api import Browser, Page, Response

from services.wiki.tests.lived_in import PAGE, ROOM, live_in
from services.wiki.tests.web import Web
from shared.testing.chromium import chromium

__all__ = ["chromium"]

MOST_OCTETS = 50_000  # as they are sent, with all that the page loads
MOST_SECONDS = 3.0  # by the clock, to the largest piece of text, on processors that others need, too
ROUNDS = 3  # of which the fastest counts: a machine may stall
MOST_BUSY_SECONDS = 0.3  # of the processor, in the page's own thread, for all of it
LARGEST_PAINT = """
() => new Promise((tell) => {
  new PerformanceObserver((list) => tell(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
})
"""


class Load(NamedTuple):
    """What one load took."""

    octets: int
    seconds: float
    busy_seconds: float


def test_the_first_load_is_small_from_here_alone_and_soon_readable(web: Web, chromium: Browser) -> None:
    live_in(web)
    home = f"http://127.0.0.1:{web.port}"
    for path in (f"/{PAGE}", "/", f"/rooms/{ROOM}", "/blog/"):
        loads = [_load(chromium, home, path) for _ in range(ROUNDS)]
        assert max(load.octets for load in loads) < MOST_OCTETS, (path, loads)
        assert min(load.seconds for load in loads) < MOST_SECONDS, (path, loads)
        assert min(load.busy_seconds for load in loads) < MOST_BUSY_SECONDS, (path, loads)


def _load(chromium: Browser, home: str, path: str) -> Load:
    page = chromium.new_context(base_url=home).new_page()  # nothing is cached
    measured = page.context.new_cdp_session(page)
    measured.send("Performance.enable", {"timeDomain": "threadTicks"})
    loaded = _loaded(page, path)
    assert all(response.url.startswith(f"{home}/") for response in loaded)
    sizes = [response.request.sizes() for response in loaded if "/live" not in response.url]
    seconds = page.evaluate(LARGEST_PAINT) / 1000
    metrics = {each["name"]: each["value"] for each in measured.send("Performance.getMetrics")["metrics"]}
    page.context.close()
    octets = sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes)
    return Load(octets, seconds, metrics["TaskDuration"])


def _loaded(page: Page, path: str) -> list[Response]:
    responses: list[Response] = []

    def note(response: Response) -> None:
        responses.append(response)

    page.on("response", note)
    page.goto(path)
    return responses
