"""Sessions of all processes: listed, ended, and shown to administrators."""
