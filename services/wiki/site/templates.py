"""The templates of the site, in templates/: Jinja2, with every value escaped unless it is marked as HTML."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.wiki.site.headings import beneath
from services.wiki.site.when import ahead_element, time_element
from shared.octets import format_octets
from shared.wiki.name import page_path

FOLDER = Path(__file__).parents[1] / "templates"
# Where visitors come first. Compiling a template takes 5 to 30 ms, all of them a third of a second.
FIRST_SEEN = ("pages/view.html", "rooms/list.html", "rooms/room.html", "rooms/thread.html", "blog/list.html",
              "blog/post.html", "search/search.html", "pages/recent.html", "members/sign_in.html")  # fmt: skip


class Templates:
    """Compiled once for the process."""

    def __init__(self, **known: object) -> None:
        """`known` are the values that every template sees."""
        self._known = known
        self.digest = _digest(str(sorted(known.items())).encode())  # of all that a page is made of besides its text
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._environment.globals.update(known)
        self._environment.globals.update(time_of=time_element, time_to=ahead_element, html=Markup)
        self._environment.filters.update(
            octets=format_octets, path=page_path, signed=_signed, grouped=_grouped, beneath=beneath
        )

    @property
    def title(self) -> object:
        """The name of the site, as every page shows it."""
        return self._known["site_name"]

    @title.setter
    def title(self, title: str) -> None:
        self._known["site_name"] = self._environment.globals["site_name"] = title
        self.digest = _digest(str(sorted(self._known.items())).encode())

    def compile_first_seen(self) -> None:
        """Before anybody asks: the others are compiled when they are first shown."""
        for name in FIRST_SEEN:
            self._environment.get_template(name)

    def render(self, name: str, values: dict[str, Any]) -> str:
        """The text of a page."""
        return self._environment.get_template(name).render(values)


def _digest(of: bytes) -> bytes:
    digest = blake2b(of, digest_size=16)
    for file in sorted(FOLDER.rglob("*.html")):
        digest.update(file.read_bytes())
    return digest.digest()


def _signed(number: int) -> str:
    return f"+{number:,}" if number >= 0 else f"\u2212{-number:,}"


def _grouped(number: int) -> str:
    return f"{number:,}"
