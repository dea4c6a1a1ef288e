"""Hubs of feeds (W3C WebSub): they push what is new, so that it is here before the next poll."""
