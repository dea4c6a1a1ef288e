"""Feeds: RSS, Atom and JSON Feed documents, made into messages of rooms."""
