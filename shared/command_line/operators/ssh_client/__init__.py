"""The SSH client of `agora ssh`, on conch's transport."""
