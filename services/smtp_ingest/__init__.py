"""The doors by which mail comes in: SMTP for everyone, submission for members, LMTP for other mail servers."""
