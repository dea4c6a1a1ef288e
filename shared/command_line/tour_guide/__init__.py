"""The tour of `agora tour`: one message's way through every door, with plain clients of Python's own library."""
