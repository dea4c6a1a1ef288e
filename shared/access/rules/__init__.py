"""The rules of the proxy: what may be reached, by everybody or by one account."""
