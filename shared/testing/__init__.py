"""The tools of the tests of every folder; nothing here is part of a running service."""
