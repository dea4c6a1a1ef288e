"""Mail: moved in and out, the queue, from whom it is taken, and clients of mail servers."""
