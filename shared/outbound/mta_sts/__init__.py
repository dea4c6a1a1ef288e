"""What domains say of the TLS of their mail servers (MTA-STS, RFC 8461)."""
