"""Clients of a wiki by each of its programs' protocols, which the commands of `agora wiki` are the same by."""
