"""What breaks on our side, and what clients do who mean no good. Nothing promised is lost, and others go on."""
