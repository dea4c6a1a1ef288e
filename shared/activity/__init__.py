"""The log of what happens: one line for each message, sign-in, session and administrative command."""
