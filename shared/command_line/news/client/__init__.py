"""The NNTP client of `agora news`: a connection with bounds, a session of commands, and what is made of the answers."""
