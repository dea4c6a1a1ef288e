"""The verification of DKIM signatures (RFC 6376, RFC 8463) and of ARC's chains (RFC 8617)."""
