"""The jobs, a file for each."""
