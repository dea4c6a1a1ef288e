"""Fixtures of the faces."""

from services.wiki.calls.tests.fixtures import closed_wiki, faces, open_wiki, people

__all__ = ["closed_wiki", "faces", "open_wiki", "people"]
