"""The weblog: the room agora.blog as pages, newest first."""
