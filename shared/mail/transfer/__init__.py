"""Mail that comes along from another system, and goes away to one: maildirs, mbox files, IMAP servers."""
