"""A stack on this machine: starting and stopping it, its ports and settings, and what may be wrong with it."""
