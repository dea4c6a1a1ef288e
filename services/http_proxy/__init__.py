"""The way out to the web: a forward proxy (RFC 9110, RFC 9112) that asks who goes, and where."""
