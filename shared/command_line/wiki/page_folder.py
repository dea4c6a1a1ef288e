"""`agora page export|import`, also as `agora wiki`: pages as a folder of Markdown files, to edit elsewhere and bring
back; and DokuWiki's pages, which are brought here.

The file `.agora-pages.json` in the folder has the revision of each page, so that what was changed here and in the
folder meanwhile is merged, or refused.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import click

from shared.administration import pages
from shared.command_line.replies import reply_to
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, show_listing
from shared.command_line.wiki.commit_batches import commit_batches
from shared.command_line.wiki.dokuwiki_folder import data_of, is_dokuwiki, media_files, page_texts, read_page
from shared.command_line.wiki.dokuwiki_revisions import bring_history
from shared.command_line.wiki.page_file_names import ENDING, FILES, page_file, page_of
from shared.command_line.wiki.page_writer import as_option, who
from shared.errors import DomainError
from shared.wiki.attachment import MOST_FILE_OCTETS
from shared.wiki.dokuwiki import Media, name_of
from shared.wiki.page import Page
from shared.wiki.save_page import MOST_SOURCE_OCTETS, Saved

INDEX = ".agora-pages.json"
folder_argument = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))

_Text = tuple[str, str, int | None]  # a page's name, its source, the revision that was exported


@click.command("export")
@state_option
@folder_argument
@as_option
def export_folder(directory: StateDirectory, folder: Path, account: str | None) -> None:
    """Write all pages to FOLDER as they are at this moment: a Markdown file each, with the files attached to them."""
    written = _Written(folder)
    with plain_errors():
        store = Store(settings_for(directory))
        folder.mkdir(parents=True, exist_ok=True)
        store.read_snapshot(pages.export, who(account), written.write)
        _write_index(folder, written.revisions)
    click.echo(f"{len(written.revisions)} pages and {written.files} files are in {folder}.")


class _Written:
    """What is in the folder: the revisions of pages, and how many files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()
        self.revisions: dict[str, int] = {}
        self.files = 0

    def write(self, page: Page, files: Mapping[str, bytes]) -> None:
        path = self._folder / page_file(page.name, self._taken)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + ENDING).write_bytes(page.source.encode())
        self.revisions[page.name] = page.revision
        for name, octets in files.items():
            beside = path.with_name(path.name + FILES)
            beside.mkdir(exist_ok=True)
            (beside / name).write_bytes(octets)
            self.files += 1


@click.command("import")
@state_option
@folder_argument
@click.option("--comment", default="", help="One line for the list of changes.")
@as_option
@json_option
def import_folder(directory: StateDirectory, folder: Path, comment: str, account: str | None, as_json: bool) -> None:
    """Save the Markdown files in FOLDER as pages, and what lies in NAME%files as files of the page NAME.

    Of an exported folder, what others have changed meanwhile is merged, or the page refused (exit status 1). Pages that
    have no file in FOLDER stay as they are.

    FOLDER may be DokuWiki's, with data/pages and data/media: its syntax becomes Markdown, and its files are attached to
    the pages that use them. Former texts, in data/attic, become revisions with their dates, authors and comments,
    unless --as names one author for all.
    """
    if not folder.is_dir():
        fail(f"there is no folder {folder}")
    with plain_errors():
        bringing = Bringing(Store(settings_for(directory)), who(account), comment)
        if is_dokuwiki(folder):
            _bring_dokuwiki(data_of(folder), bringing)
        else:
            _bring_markdown(folder, bringing)
    show_listing(bringing.rows, as_json, nothing="Nothing has changed.")
    if bringing.is_refused:
        fail("some pages or files are not saved: see above")


class Bringing:
    """The pages and files of a folder, saved; `rows` say what became of them."""

    def __init__(self, store: Store, author: str | None, comment: str) -> None:
        self._store, self._author, self._comment = store, author, comment
        self.rows: list[dict[str, object]] = []
        self.is_refused = False

    def texts(self, texts: Iterator[_Text], revisions: dict[str, int]) -> None:
        """Save pages; `revisions` get those that are as the folder has them."""
        for together in commit_batches(texts, lambda each: each[1]):
            outcomes = self._store.transact(pages.put_all, self._author, together, self._comment)
            for (name, *_), outcome in zip(together, outcomes, strict=True):
                if isinstance(outcome, Saved):
                    if not outcome.merged:  # what was merged is not what the folder has
                        revisions[outcome.name] = outcome.revision
                    if outcome.changed:
                        self.rows.append({"page": outcome.name, "outcome": "merged" if outcome.merged else "saved"})
                else:
                    self.refuse(name, _refusal(outcome))

    @property
    def is_operator(self) -> bool:
        """Whether revisions may be saved in the names of others: not for who says --as."""
        return self._author is None

    def histories(self, data: Path, revisions: dict[str, int]) -> None:
        """Save the old revisions of DokuWiki's pages; `revisions` get the newest of each."""
        for page_id, file in page_texts(data):
            brought = bring_history(self._store, data, page_id, file)
            if brought.revision is not None:
                revisions[name_of(page_id)] = brought.revision
            if brought.saved:
                words = "1 revision saved" if brought.saved == 1 else f"{brought.saved} revisions saved"
                self.rows.append({"page": name_of(page_id), "outcome": words})
            for path in brought.unreadable:
                self.rows.append({"page": name_of(page_id), "outcome": f"{path.name} is left out: it cannot be read"})

    def file(self, page: str, name: str, path: Path) -> None:
        """Attach the file at `path` to a page."""
        octets = _read(path, MOST_FILE_OCTETS)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        try:
            attached = self._store.transact(pages.put_file, self._author, page, name, kind, octets)
        except DomainError as error:
            self.refuse(page, f"{name}: {_refusal(error)}")
        else:
            if attached is not None:
                self.rows.append({"page": page, "outcome": f"{name} attached"})

    def refuse(self, page: str, why: str) -> None:
        """Say that it is not saved."""
        self.is_refused = True
        self.rows.append({"page": page, "outcome": why})


def _bring_markdown(folder: Path, bringing: Bringing) -> None:
    revisions = _read_index(folder)
    bringing.texts(_texts(folder, revisions), revisions)
    _write_index(folder, revisions)
    for page, file in _files(folder):
        bringing.file(page, file.name, file)


def _bring_dokuwiki(data: Path, bringing: Bringing) -> None:
    """Its folder gets the index, too, so that it can be brought again: what was changed here meanwhile is merged."""
    revisions = _read_index(data)
    if bringing.is_operator:
        bringing.histories(data, revisions)
    media, wanted = media_files(data), list[tuple[str, Media]]()

    def texts() -> Iterator[_Text]:
        for page_id, file in page_texts(data):
            page = read_page(page_id, _text_of(file))
            wanted.extend((page.name, each) for each in page.converted.media)
            yield page.name, page.converted.source, revisions.get(page.name)

    bringing.texts(texts(), revisions)
    _write_index(data, revisions)
    for page, each in wanted:
        if (path := media.get(each.id)) is not None:
            bringing.file(page, each.file, path)
    for left in sorted(media.keys() - {each.id for _, each in wanted}):
        bringing.rows.append({"page": "", "outcome": f"{left} is left out: no page uses it"})


def _texts(folder: Path, revisions: dict[str, int]) -> Iterator[_Text]:
    for file in sorted(folder.rglob(f"*{ENDING}")):
        inner = PurePosixPath(file.relative_to(folder).as_posix())
        if _is_hidden(inner) or any(part.endswith(FILES) for part in inner.parts[:-1]):
            continue
        name = page_of(inner.with_name(inner.name.removesuffix(ENDING)))
        yield name, _text_of(file), revisions.get(name)


def _text_of(file: Path) -> str:
    try:
        return _read(file, MOST_SOURCE_OCTETS).decode()
    except UnicodeDecodeError:
        fail(f"{file} is not UTF-8")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for beside in sorted(folder.rglob(f"*{FILES}")):
        inner = PurePosixPath(beside.relative_to(folder).as_posix())
        if beside.is_dir() and not _is_hidden(inner):
            page = page_of(inner.with_name(inner.name.removesuffix(FILES)))
            yield from ((page, file) for file in sorted(beside.iterdir()) if file.is_file())


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _read(file: Path, most: int) -> bytes:
    with file.open("rb") as opened:
        octets = opened.read(most + 1)
    if len(octets) > most:
        fail(f"{file} has more than {most} octets")
    return octets


def _refusal(error: DomainError) -> str:
    current = getattr(error, "current", None)
    if current is not None:
        return f"changed here, too: revision {current.revision} has other words in the same lines"
    return reply_to(error)


def _read_index(folder: Path) -> dict[str, int]:
    try:
        read = json.loads((folder / INDEX).read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        fail(f"{folder / INDEX} is not as `agora page export` writes it")
    return {str(name): int(revision) for name, revision in dict(read).items()}


def _write_index(folder: Path, revisions: dict[str, int]) -> None:
    (folder / INDEX).write_text(json.dumps(revisions, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
