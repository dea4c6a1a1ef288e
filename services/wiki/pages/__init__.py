"""The wiki's own pages for people, and the plain paths for scripts."""
