"""Held posts, and what moderators decide about them."""
