"""The limits of the proxy: how much an account, or everybody, may use of it."""
