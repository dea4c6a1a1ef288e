"""Fixtures of the tests of rooms on the web."""

from services.wiki.tests.web import web

__all__ = ["web"]
