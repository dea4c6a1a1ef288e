"""The client of `agora connect`: what goes between a terminal and a server, and a look at many ports."""
