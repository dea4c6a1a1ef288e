"""Accounts, their passwords, keys, addresses and forwards, and the domains of these."""
