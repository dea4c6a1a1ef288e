"""What the services share: the domain by subject, above the store and the bus, above conversations and processes."""
