"""The settings that docs/clients.md shows, so that tests run what is documented."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping

from shared.command_line.state_directory import ROOT

_DOCUMENT = ROOT / "docs" / "clients.md"


def documented(program: str, here: Mapping[str, object]) -> str:
    """The first block below the heading `program`, with all texts that differ here replaced, longest first.

    Fails when a text is not in the block any more: then the document and the test have parted.
    """
    section = re.search(rf"^## {re.escape(program)}\n(.*?)(?=^## |\Z)", _DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    assert section, f"docs/clients.md has no heading {program}"
    block = re.search(r"^ {4}.*\n(?:^ {4}.*\n|^\n)*", section.group(1), re.MULTILINE)
    assert block, f"docs/clients.md shows no settings below {program}"
    settings = textwrap.dedent(block.group())
    for text in sorted(here, key=len, reverse=True):
        assert text in settings, f"docs/clients.md does not say {text!r} below {program}"
        settings = settings.replace(text, str(here[text]))
    return settings
