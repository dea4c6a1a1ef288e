"""Perspective Broker (`twisted.spread.pb`): the wiki for programs on Twisted."""
