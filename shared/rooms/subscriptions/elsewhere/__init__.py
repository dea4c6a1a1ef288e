"""Rooms by mail, elsewhere: addresses at other servers are sent the posts of a room, by the queue."""
