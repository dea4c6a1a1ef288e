"""A line protocol's client as a coroutine: framing, literals, dot blocks, TLS, compression, limits, PROXY."""
