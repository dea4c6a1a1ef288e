"""PostgreSQL: operations in threads, gathered commits, migrations."""
