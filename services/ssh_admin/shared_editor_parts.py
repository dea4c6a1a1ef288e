"""The parts of a line editor that are the same in all shells, made once: key bindings, and styles.

prompt_toolkit makes both for each of its applications: one of them would have 760 KB, and has 390.
"""

from __future__ import annotations

from typing import Any

from prompt_toolkit.application import application
from prompt_toolkit.key_binding.bindings.page_navigation import load_page_navigation_bindings
from prompt_toolkit.key_binding.defaults import load_key_bindings
from prompt_toolkit.styles import default_ui_style, merge_styles

_KEYS = load_key_bindings()  # of Emacs, vi, the mouse: what a key does asks which application it is in
_PAGES = load_page_navigation_bindings()
_STYLE = merge_styles([default_ui_style()])


def share_key_bindings() -> None:
    """Have every application from now on use the same key bindings."""
    changed: Any = application
    changed.load_key_bindings = lambda: _KEYS
    changed.load_page_navigation_bindings = lambda: _PAGES


def share_style(app: Any) -> None:
    """Have an application that has drawn nothing yet use the same styles as all others."""
    app._merged_style = app.renderer.style = _STYLE
