"""Searching the articles of rooms: an index that is written behind, not when an article is posted."""
