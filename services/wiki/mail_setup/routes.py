"""The paths at which mail programs ask for their settings."""

from __future__ import annotations

from services.wiki.mail_setup import apple
from services.wiki.mail_setup.outlook import answer_autodiscover
from services.wiki.mail_setup.thunderbird import show_autoconfig
from services.wiki.parts import WikiParts
from services.wiki.site.route import WebApp, route

AUTOCONFIG = ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml")
AUTODISCOVER = ("/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AutoDiscover.xml")


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """Those of Thunderbird, of Outlook in the spellings it has, and of Apple's Mail."""
    for path in AUTOCONFIG:
        route(app, parts, path, show_autoconfig)
    for path in AUTODISCOVER:
        route(app, parts, path, answer_autodiscover, "POST")
    route(app, parts, apple.PATH, apple.show_profile)
