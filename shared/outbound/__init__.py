"""Mail to other servers: the queue, the routes, the client that sends, retries and bounces."""
