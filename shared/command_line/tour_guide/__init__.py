"""What `agora tour` shows: one message's way through every door, with plain clients of Python's own library."""
