"""Feeds: what RSS, Atom and JSON Feed documents say, made into messages of rooms."""
