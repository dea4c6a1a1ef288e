"""What operators look at and control: listeners, sessions, events, the audit; and clients that help them."""
