"""Feeds of the site: rooms, the weblog and the wiki's changes, as Atom (RFC 4287) and RSS 2.0."""
