"""The client of `agora fetch`: a request and its redirects, credentials, what earlier answers said, downloads."""
