"""Programs go out through the proxy to sites that the tests put up."""
