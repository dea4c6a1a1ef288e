"""The check of messages' content by a program of the operator's that speaks rspamd's HTTP protocol."""
