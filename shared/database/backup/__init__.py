"""A backup: everything that the store keeps as of one moment, in one file."""
