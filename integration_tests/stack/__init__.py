"""How integration tests get a running stack, and what they may do to it."""
