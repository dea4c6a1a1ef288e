"""Sessions of browsers, kept in the store."""
