"""The packages that services share: the domain by subject, above the store, the bus, conversations and processes."""
