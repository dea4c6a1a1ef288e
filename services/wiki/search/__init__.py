"""Searching: pages of the wiki, messages of rooms, posts of the weblog."""
