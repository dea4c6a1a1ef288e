"""The web door of rooms: lists, threads, messages, posting, moderation, live updates."""
