"""The errors of a connection that is not as Perspective Broker has it."""

from __future__ import annotations


class HostileMessage(Exception):
    """The client sent what no client sends, or more than a bound allows: the connection ends. Has our own words."""
