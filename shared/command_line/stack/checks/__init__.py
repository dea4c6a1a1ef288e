"""The checks of `agora check`: one file per subject, each a function that returns findings."""
