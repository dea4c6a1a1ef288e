"""The web service: the wiki for people and, under other faces, for programs."""
