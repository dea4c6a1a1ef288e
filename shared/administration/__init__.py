"""The operations of an administrator: a file for each noun, a function for each verb; no protocol, no terminal."""
