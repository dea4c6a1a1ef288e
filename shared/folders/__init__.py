"""Numbered sequences of messages: the one write path, the one change log, and the reads over both."""
