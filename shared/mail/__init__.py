"""Mail as such: addresses and where they lead, delivery, quota, and what makes an account a mailbox."""
