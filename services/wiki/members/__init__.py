"""Signing in and out, the full name, the account page."""
