"""Saving pages: one write path for every door, with three-way merge, and many pages in one commit."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any, NamedTuple

from shared.clock import utc_now
from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.wiki.channel import PageChanged
from shared.wiki.diff import unified_diff
from shared.wiki.errors import (
    BadSource,
    EditConflict,
    PageTooLarge,
    RevisionMoved,
    RevisionNotFound,
    TooMuchToFormat,
)
from shared.wiki.markdown import links_in
from shared.wiki.merge import merge_lines
from shared.wiki.name import check_new_name
from shared.wiki.page import Author, Page, one_line
from shared.wiki.page_text import write_links, write_text
from shared.wiki.policy import WikiPolicy, check_writing

MOST_SOURCE_OCTETS = 10 << 20  # a book of a million words has 6 MiB
MOST_LINKS = 5_000  # of one page; an index of everything is what /index is for
LINKS_SECONDS = 1.0  # of a thread; a page of 100,000 characters takes 0.1 s


class Edit(NamedTuple):
    """A page as somebody wants it to be.

    `base`: the revision that was edited, 0 if there was none; if the page has changed since, both changes are merged.
    `only_if`: save only if the page is at that revision; nothing is merged. `only_new`: save only if there is no page.
    Without any of them the last one wins.
    """

    name: str
    source: str
    author: Author
    comment: str = ""
    minor: bool = False
    base: int | None = None
    only_if: int | None = None
    only_new: bool = False
    door: str = ""
    links: Sequence[str] | None = None  # of `source`, where they are known already


class Saved(NamedTuple):
    """What became of an edit. `changed` is false if the page had this text already; it has no new revision then."""

    name: str  # as page_name() gives it; the present one of a page that was renamed
    revision: int
    created: bool
    merged: bool
    changed: bool


class _Now(NamedTuple):
    """A page in this transaction: as it was read, or as an edit before left it."""

    id: int
    revision: int
    page: Page | None  # None: it is missing, or deleted
    writers: str | None
    links: frozenset[str]


# A new page gets a row first, so that two who make it at the same moment wait for each other. Subqueries that are no
# joins have but one plan: whatever the tables had when it was made, they are looked up by name.
_MAKE = Prepared("""
    INSERT INTO page (name) SELECT wanted FROM unnest(%s::text[]) AS wanted
    WHERE (SELECT id FROM page WHERE page.name = wanted) IS NULL
        AND (wanted = ANY(%s::text[]) OR (SELECT page_id FROM page_redirect WHERE page_redirect.name = wanted) IS NULL)
    ORDER BY wanted ON CONFLICT DO NOTHING
""")
_LOCK = Prepared("SELECT FROM page WHERE name = ANY(%s::text[]) ORDER BY name FOR UPDATE")
# Who has to wait for a row has its newest version beside what else there was before: `xmin` tells.
_READ = Prepared("""
    SELECT page.xmin <> (SELECT before.xmin FROM page AS before WHERE before.id = page.id),
        page.name, page.id, page.revision, deleted_at IS NOT NULL OR page.revision = 0, page.writers,
        ARRAY(SELECT target FROM page_link WHERE page_link.page_id = page.id), newest.*
    FROM page LEFT JOIN LATERAL (
        SELECT source, page_change.author,
            coalesce((SELECT full_name FROM account WHERE account.id = page_change.account_id), ''),
            comment, minor, changed_at, merged
        FROM page_change
        WHERE page_change.page_id = page.id AND page_change.revision = page.revision AND source IS NOT NULL LIMIT 1
    ) AS newest ON true
    WHERE page.name = ANY(%s::text[]) FOR UPDATE OF page
""")
_MOVED = """
    SELECT page_redirect.name, page.name FROM page_redirect JOIN page ON page.id = page_id
    WHERE page_redirect.name = ANY(%s)
"""
_BASE = "SELECT source FROM page_change WHERE page_id = %s AND revision = %s AND source IS NOT NULL"
# A row of page_news is what shared/wiki/changes_room posts.
_REVISION = Prepared("""
    WITH change AS (
        INSERT INTO page_change (page_id, account_id, revision, octets, minor, merged, kind, name, author, door,
            comment, source)
        VALUES (%s::bigint, %s::bigint, %s::integer, %s::integer, %s::boolean, %s::boolean, %s::text, %s::text,
            %s::text, %s::text, %s::text, %s::bytea)
        RETURNING id
    )
    INSERT INTO page_news (change_id) SELECT id FROM change
""")
_PAGE = Prepared("""
    UPDATE page SET saved_at = now(), deleted_at = NULL, account_id = %s::bigint, revision = %s::integer,
        octets = %s::integer, author = %s::text
    WHERE id = %s::bigint
""")
_TAKE_NAMES = Prepared("DELETE FROM page_redirect WHERE name = ANY(%s::text[])")
_UNUSED = "DELETE FROM page WHERE id = ANY(%s) AND revision = 0"


def save_page(tx: Transaction, edit: Edit, policy: WikiPolicy) -> Saved:
    """Save one page. Announces PageChanged.

    Raises BadPageName (ReservedPageName), BadSource, MayNotWrite, PageTooLarge, EditConflict, RevisionMoved, and
    RevisionNotFound for a base that the page never had.
    """
    [outcome] = save_pages(tx, [edit], policy)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def save_pages(tx: Transaction, edits: Sequence[Edit], policy: WikiPolicy) -> Sequence[Saved | DomainError]:
    """Save pages in this order, in two round trips; what became of each. What is refused leaves nothing behind."""
    outcomes: list[Saved | DomainError | None] = [None] * len(edits)
    names: dict[int, str] = {}
    for number, edit in enumerate(edits):
        try:
            names[number] = check_edit(edit)
        except DomainError as error:
            outcomes[number] = error
    saving = _Saving(tx, policy)
    saving.lock(set(names.values()), {names[number] for number in names if _is_for_new(edits[number])})
    for number, name in names.items():
        try:
            outcomes[number] = saving.save(name, edits[number])
        except DomainError as error:
            outcomes[number] = error
    saving.finish()
    return [outcome for outcome in outcomes if outcome is not None]


def check_edit(edit: Edit) -> str:
    """The page's name, if the edit may be saved as far as itself tells. Raises BadPageName, BadSource, PageTooLarge."""
    name = check_new_name(edit.name)
    try:
        octets = len(edit.source) if edit.source.isascii() else len(edit.source.encode())
    except UnicodeEncodeError as error:
        raise BadSource from error
    if octets > MOST_SOURCE_OCTETS:
        raise PageTooLarge(MOST_SOURCE_OCTETS)
    return name


def _is_for_new(edit: Edit) -> bool:
    return edit.only_new or edit.base == 0


class _Saving:
    def __init__(self, tx: Transaction, policy: WikiPolicy) -> None:
        self._tx = tx
        self._policy = policy
        self._pages: dict[str, _Now] = {}
        self._moved: dict[str, str] = {}
        self._sources: dict[tuple[int, int], str] = {}  # of revisions that this transaction has written
        self._created: set[str] = set()

    def lock(self, names: set[str], to_be_new: Set[str] = frozenset()) -> None:
        """Lock the pages, made where they are missing, and read them.

        Between two of these statements a name may become a page's: what reads it locks it, too. Or it may cease to be
        one: it is looked for again then.
        """
        if not names:
            return
        wanted = sorted(names)
        self._tx.execute_with_next(_MAKE, (wanted, list(to_be_new)))
        self._tx.execute_with_next(_LOCK, (wanted,))
        rows = self._tx.rows(_READ, (wanted,))
        if any(has_waited for has_waited, *_ in rows):
            rows = self._tx.rows(_READ, (wanted,))  # they are locked now
        for _, name, page_id, revision, missing, writers, links, source, *columns in rows:
            page: Page | None = None
            if not missing:
                page = Page(page_id, name, revision, source.decode(), *columns)._replace(writers=writers)
            self._pages[name] = _Now(page_id, revision, page, writers, frozenset(links))
        missed = names - self._pages.keys()
        if missed:
            moved = dict(self._tx.rows(_MOVED, (sorted(missed),)))
            self._moved |= moved
            self.lock({moved.get(name, name) for name in missed} - self._pages.keys(), to_be_new)

    def save(self, name: str, edit: Edit) -> Saved:
        """Raises MayNotWrite, EditConflict, RevisionMoved, RevisionNotFound."""
        while name not in self._pages:
            name = self._moved[name]
        now = self._pages[name]
        check_writing(self._policy, edit.author, now.writers)
        page = now.page
        if page is not None:
            if edit.only_new or (edit.only_if is not None and edit.only_if != page.revision):
                raise RevisionMoved(page, _difference(page, edit.source))
            if edit.source == page.source:
                return Saved(name, page.revision, created=False, merged=False, changed=False)
        elif edit.only_if is not None:
            raise RevisionMoved(_no_page(now.id, name, now.revision), unified_diff("", edit.source))
        source, merged = edit.source, False
        if page is not None and edit.base is not None and edit.base != page.revision:
            source, merged = self._merge(page, edit), True
            if source == page.source:
                return Saved(name, page.revision, created=False, merged=True, changed=False)
        self._write(name, now, edit, source, merged)
        return Saved(name, now.revision + 1, created=page is None, merged=merged, changed=True)

    def finish(self) -> None:
        """Forget the rows that were made for pages that are not there after all."""
        unused = [now.id for now in self._pages.values() if now.revision == 0]
        if unused:
            self._tx.execute_with_next(_UNUSED, (unused,))
        if self._created:
            self._tx.execute_with_next(_TAKE_NAMES, (sorted(self._created),))

    def _merge(self, page: Page, edit: Edit) -> str:
        assert edit.base is not None
        merged = merge_lines(self._source(page, edit.base), edit.source, page.source)
        if merged is None:
            raise EditConflict(page, _difference(page, edit.source))
        return merged

    def _source(self, page: Page, revision: int) -> str:
        if revision == 0:
            return ""
        known = self._sources.get((page.id, revision))
        if known is not None:
            return known
        octets = self._tx.value(_BASE, (page.id, revision)) if 0 < revision < page.revision else None
        if octets is None:
            raise RevisionNotFound(revision)
        source: str = octets.decode()
        return source

    def _write(self, name: str, now: _Now, edit: Edit, source: str, merged: bool) -> None:
        tx, author = self._tx, edit.author
        octets = source.encode()
        if len(octets) > MOST_SOURCE_OCTETS:  # two texts put together
            raise PageTooLarge(MOST_SOURCE_OCTETS)
        revision = now.revision + 1
        created = now.page is None
        comment = one_line(edit.comment)
        values: tuple[Any, ...] = (
            now.id, author.account_id, revision, len(octets), edit.minor, merged, "created" if created else "edited",
            name, author.shown, edit.door, comment, octets,
        )  # fmt: skip
        tx.execute_with_next(_REVISION, values)
        tx.execute_with_next(_PAGE, (author.account_id, revision, len(octets), author.shown, now.id))
        known = edit.links if source == edit.source else None
        links = frozenset(links_of_source(source) if known is None else known[:MOST_LINKS])
        write_links(tx, now.id, now.links, links)
        write_text(tx, now.id, name, source)
        tx.announce(PageChanged(name, revision, arrival=created))
        if created:
            self._created.add(name)
        page = Page(
            now.id, name, revision, source, author.shown, "", comment, edit.minor, utc_now(), merged, 0, now.writers
        )
        self._sources[now.id, revision] = source
        self._pages[name] = _Now(now.id, revision, page, now.writers, links)


def links_of_source(source: str) -> Sequence[str]:
    """The links of a page as they are kept: at most MOST_LINKS; none of a page that takes too long to format."""
    try:
        return links_in(source, LINKS_SECONDS)[:MOST_LINKS]
    except TooMuchToFormat:
        return ()


def _no_page(page_id: int, name: str, revision: int) -> Page:
    """What a page that is missing, or was deleted, is compared with."""
    return Page(page_id, name, revision, "", "", "", "", False, utc_now(), False)


def _difference(page: Page, source: str) -> str:
    return unified_diff(page.source, source, f"{page.name} (revision {page.revision})", f"{page.name} (sent)")
