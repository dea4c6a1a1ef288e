"""`agora news`: newsgroups of this or another server."""
