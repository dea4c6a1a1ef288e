"""`agora page export|import`: all pages as a folder of Markdown files, to edit elsewhere and bring back.

The file `.agora-pages.json` in the folder has the revision of each page, so that what was changed here and in the
folder meanwhile is merged, or refused.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import click

from shared.administration import pages
from shared.command_line.output import fail, json_option, show_listing
from shared.command_line.page_file_names import ENDING, FILES, page_file, page_of
from shared.command_line.page_writer import as_option, who
from shared.command_line.replies import reply_to
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.errors import DomainError
from shared.wiki.attachment import MOST_FILE_OCTETS
from shared.wiki.save_page import MOST_SOURCE_OCTETS, Saved

INDEX = ".agora-pages.json"
TOGETHER_PAGES, TOGETHER_OCTETS = 200, 8 << 20  # what is saved by one commit
folder_argument = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))

_Text = tuple[str, str, int | None]  # a page's name, its source, the revision that was exported


@click.command("export")
@state_option
@folder_argument
@as_option
def export_folder(directory: StateDirectory, folder: Path, account: str | None) -> None:
    """Write all pages to FOLDER, a Markdown file each, with the files that are attached to them."""
    revisions: dict[str, int] = {}
    taken: set[str] = set()
    files = 0
    with plain_errors():
        store = Store(settings_for(directory))
        reader = who(account)
        folder.mkdir(parents=True, exist_ok=True)
        for line in store.read(pages.list_all, reader):
            page = store.read(pages.show, reader, line.name)
            path = folder / page_file(page.name, taken)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(path.name + ENDING).write_bytes(page.source.encode())
            revisions[page.name] = page.revision
            for name, octets in store.read(pages.files, reader, page.name):
                beside = path.with_name(path.name + FILES)
                beside.mkdir(exist_ok=True)
                (beside / name).write_bytes(octets)
                files += 1
        _write_index(folder, revisions)
    click.echo(f"{len(revisions)} pages and {files} files are in {folder}.")


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
    """
    if not folder.is_dir():
        fail(f"there is no folder {folder}")
    rows: list[dict[str, object]] = []
    refused = False
    with plain_errors():
        store = Store(settings_for(directory))
        author = who(account)
        revisions = _read_index(folder)
        for texts in _together(_texts(folder, revisions)):
            outcomes = store.transact(pages.put_all, author, texts, comment)
            for (name, *_), outcome in zip(texts, outcomes, strict=True):
                if isinstance(outcome, Saved):
                    if not outcome.merged:  # what was merged is not what the folder has
                        revisions[outcome.name] = outcome.revision
                    if outcome.changed:
                        rows.append({"page": outcome.name, "outcome": "merged" if outcome.merged else "saved"})
                else:
                    refused = True
                    rows.append({"page": name, "outcome": _refusal(outcome)})
        _write_index(folder, revisions)
        for page, file in _files(folder):
            octets = _read(file, MOST_FILE_OCTETS)
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            try:
                attached = store.transact(pages.put_file, author, page, file.name, kind, octets)
            except DomainError as error:
                refused = True
                rows.append({"page": page, "outcome": f"{file.name}: {_refusal(error)}"})
            else:
                if attached is not None:
                    rows.append({"page": page, "outcome": f"{file.name} attached"})
    show_listing(rows, as_json, nothing="Nothing has changed.")
    if refused:
        fail("some pages or files are not saved: see above")


def _texts(folder: Path, revisions: dict[str, int]) -> Iterator[_Text]:
    for file in sorted(folder.rglob(f"*{ENDING}")):
        inner = PurePosixPath(file.relative_to(folder).as_posix())
        if _is_hidden(inner) or any(part.endswith(FILES) for part in inner.parts[:-1]):
            continue
        name = page_of(inner.with_name(inner.name.removesuffix(ENDING)))
        try:
            source = _read(file, MOST_SOURCE_OCTETS).decode()
        except UnicodeDecodeError:
            fail(f"{file} is not UTF-8")
        yield name, source, revisions.get(name)


def _together(texts: Iterator[_Text]) -> Iterator[Sequence[_Text]]:
    gathered: list[_Text] = []
    octets = 0
    for text in texts:
        gathered.append(text)
        octets += len(text[1])
        if len(gathered) >= TOGETHER_PAGES or octets >= TOGETHER_OCTETS:
            yield gathered
            gathered, octets = [], 0
    if gathered:
        yield gathered


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
