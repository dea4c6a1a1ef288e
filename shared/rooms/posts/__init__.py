"""The way of an article into rooms, whatever door it came by."""
