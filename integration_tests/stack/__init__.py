"""The running stack of the integration tests, and what tests may do to it."""
