"""Mail access: the doors through which members read their mail."""
