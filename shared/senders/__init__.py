"""Senders that mail is not taken from: rules about addresses, domains and networks, as an operator makes them."""
