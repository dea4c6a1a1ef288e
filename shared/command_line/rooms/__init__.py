"""Rooms, their posts, marks and subscribers, and the feeds that fill them."""
