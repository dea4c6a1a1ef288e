"""Mail as a user interface: robots are addresses whose mail is answered by a program."""
