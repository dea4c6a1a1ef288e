"""News on Redis: who changed what, as names and positions, never as content."""
