"""Clients of POP3, IMAP and SMTP for `agora mail` and `agora import imap`."""
