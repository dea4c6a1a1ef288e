"""SPF (RFC 7208): whether a host may send mail in a domain's name."""
