"""SEARCH: which messages satisfy a tree of keys, the cheap keys first."""
