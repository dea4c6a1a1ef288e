"""A forward proxy for HTTP (RFC 9110, RFC 9112): members and open networks use it, within rules and limits."""
