"""What `agora check` looks at: one file per subject, each a function that returns findings."""
