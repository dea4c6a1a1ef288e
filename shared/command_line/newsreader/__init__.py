"""A newsreader for the command line: it speaks to any news server."""
