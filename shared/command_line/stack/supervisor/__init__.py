"""One process that keeps a local stack running: PostgreSQL, Redis and every service, each a process of its own."""
