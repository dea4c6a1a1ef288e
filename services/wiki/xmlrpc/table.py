"""The table of XML-RPC methods: a group for each prefix."""

from __future__ import annotations

from collections.abc import Mapping

from services.wiki.calls.method import Method
from services.wiki.xmlrpc.call import call
from services.wiki.xmlrpc.methods.attachments import METHODS as ATTACHMENTS
from services.wiki.xmlrpc.methods.dokuwiki import METHODS as DOKUWIKI
from services.wiki.xmlrpc.methods.plain import METHODS as PLAIN
from services.wiki.xmlrpc.methods.system import system_methods
from services.wiki.xmlrpc.methods.wiki import METHODS as WIKI


def all_methods() -> Mapping[str, Method]:
    """Every method by name; those of `system.` see the whole table."""
    methods: dict[str, Method] = {**PLAIN, **WIKI, **ATTACHMENTS, **DOKUWIKI}
    methods.update(system_methods(methods, lambda caller, name, given: call(methods, caller, name, given)))
    return methods
