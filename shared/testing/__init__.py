"""What the tests of every folder use; nothing here is part of a running service."""
