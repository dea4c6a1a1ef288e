"""One file per command: what it does and what it answers."""
