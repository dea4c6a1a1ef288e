"""Attacks that once worked: how long others wait while one goes on, and how much the server grows."""
