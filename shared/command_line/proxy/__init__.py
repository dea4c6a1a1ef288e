"""The HTTP proxy's rules, limits and reports; pages fetched through it."""
