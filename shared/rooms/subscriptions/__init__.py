"""Rooms by mail: members are sent the posts of a room, each as it comes or in a daily digest."""
