"""The manhole: Python lines of an administrator, run inside a process that serves."""
