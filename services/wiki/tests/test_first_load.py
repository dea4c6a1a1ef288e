"""A browser's first look at the site: how much it loads, from where, and how soon there is something to read."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, Response

from services.wiki.tests.lived_in import PAGE, ROOM, live_in
from services.wiki.tests.web import Web
from shared.testing.chromium import chromium

__all__ = ["chromium"]

MOST_OCTETS = 50_000  # as they are sent, with all that the page loads
MOST_SECONDS = 3.0  # by the clock, to the largest piece of text, on processors that others need, too
MOST_BUSY_SECONDS = 0.3  # of the processor, in the page's own thread, for all of it
LARGEST_PAINT = """
() => new Promise((tell) => {
  new PerformanceObserver((list) => tell(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
})
"""


def test_the_first_load_is_small_from_here_alone_and_soon_readable(web: Web, chromium: Browser) -> None:
    live_in(web)
    home = f"http://127.0.0.1:{web.port}"
    for path in (f"/{PAGE}", "/", f"/rooms/{ROOM}", "/blog/"):
        page = chromium.new_context(base_url=home).new_page()  # nothing is cached
        measured = page.context.new_cdp_session(page)
        measured.send("Performance.enable", {"timeDomain": "threadTicks"})
        loaded = _loaded(page, path)
        sizes = [response.request.sizes() for response in loaded if "/live" not in response.url]
        octets = sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes)
        assert octets < MOST_OCTETS, (path, octets)
        assert all(response.url.startswith(f"{home}/") for response in loaded)
        assert page.evaluate(LARGEST_PAINT) < MOST_SECONDS * 1000, path
        metrics = {each["name"]: each["value"] for each in measured.send("Performance.getMetrics")["metrics"]}
        assert metrics["TaskDuration"] < MOST_BUSY_SECONDS, path
        page.context.close()


def _loaded(page: Page, path: str) -> list[Response]:
    responses: list[Response] = []

    def note(response: Response) -> None:
        responses.append(response)

    page.on("response", note)
    page.goto(path)
    return responses
