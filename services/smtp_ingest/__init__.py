"""Mail comes in here: SMTP for everyone, submission for members, LMTP for other mail servers."""
