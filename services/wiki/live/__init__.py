"""Live updates: server-sent events that tell open pages of rooms and of the wiki what is new."""
