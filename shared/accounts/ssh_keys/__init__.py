"""SSH keys: the public keys that an account signs in with."""
