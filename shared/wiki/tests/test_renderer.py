"""The renderer: what is shown of a page, remembered until it or what it links to has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.accounts.account import Role
from shared.database.database import Database
from shared.testing.reactor import running_reactor, wait_for
from shared.wiki.delete_page import delete_page
from shared.wiki.read_page import read_page
from shared.wiki.renderer import Renderer
from shared.wiki.tests.build import MEMBERS, an_author, saved


@pytest.fixture
def renderer(database: Database) -> Iterator[Renderer]:
    made = Renderer(database, running_reactor())
    yield made
    wait_for(made.close)


async def test_links_to_missing_pages_are_marked(database: Database, renderer: Renderer) -> None:
    await database.transact(saved, "A", "# Title\n\nWikiHome and MissingPage and [[Any Title]]")
    shown = await renderer.page_html(await database.read(read_page, "A"))
    assert shown.title == "Title"
    assert '<a href="/WikiHome">WikiHome</a>' in shown.html
    assert '<a class="missing" rel="nofollow" href="/MissingPage">MissingPage</a>' in shown.html
    assert '<a class="missing" rel="nofollow" href="/Any%20Title">Any Title</a>' in shown.html


async def test_a_page_is_rendered_anew_when_one_that_it_links_to_comes_or_goes(
    database: Database, renderer: Renderer
) -> None:
    admin = await database.transact(an_author, role=Role.ADMIN)
    await database.transact(saved, "A", "OtherPage")
    missing = (await renderer.page_html(await database.read(read_page, "A"))).html
    assert "missing" in missing
    await database.transact(saved, "OtherPage", "here")
    assert "missing" not in (await renderer.page_html(await database.read(read_page, "A"))).html
    await database.transact(delete_page, "OtherPage", admin, MEMBERS)
    page = await database.read(read_page, "A")
    assert (await renderer.page_html(page)).html == missing
    assert renderer.remembered(page) is not None


async def test_a_preview_is_no_page(database: Database, renderer: Renderer) -> None:
    shown = await renderer.preview("New Page", "text of WikiHome ![x](a.png)")
    assert (shown.title, shown.is_formatted) == ("New Page", True)
    assert 'src="/files/New%20Page?name=a.png"' in shown.html


async def test_what_formats_small_pages_is_there_before_the_first_of_them(renderer: Renderer) -> None:
    before = _children()
    renderer.start()
    started = _children() - before
    assert len(started) == 1
    assert (await renderer.preview("A", "*text*")).html == "<p><em>text</em></p>\n"
    assert _children() - before == started


def _children() -> set[str]:
    """The ids of this process's children, by whichever of its threads they were started."""
    files = Path("/proc/self/task").glob("*/children")
    return {child for file in files for child in file.read_text().split()}


async def test_what_takes_too_long_is_shown_as_it_was_written_and_others_go_on(
    database: Database, renderer: Renderer
) -> None:
    hostile = await renderer.preview("A", "[" * 60_000 + "<script>")
    assert "<script>" not in hostile.html
    huge = await renderer.preview("A", "<b>x " * 300_000)
    assert not huge.is_formatted
    assert huge.html.startswith('<pre tabindex="0">&lt;b&gt;x ')
    assert (await renderer.preview("A", "*x*")).html == "<p><em>x</em></p>\n"


async def test_a_formatting_process_that_dies_is_started_again(database: Database, renderer: Renderer) -> None:
    await renderer.preview("A", "x")
    renderer._formatter._small._process.transport.signalProcess("KILL")  # type: ignore[union-attr]
    await renderer.preview("A", "x")
    assert (await renderer.preview("A", "*x*")).html == "<p><em>x</em></p>\n"


async def test_the_links_of_a_large_source_are_found_elsewhere(renderer: Renderer) -> None:
    assert await renderer.links_in("WikiHome [[Any Title]]") == ("WikiHome", "Any Title")
    assert await renderer.links_in("WikiHome " * 200_000) == ()
