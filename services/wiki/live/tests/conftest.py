"""Fixtures of the web's tests."""

from services.wiki.tests.web import web

__all__ = ["web"]
