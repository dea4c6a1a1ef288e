"""What breaks on our side: programs are killed, the store is away, a process leaves. Nothing promised is lost."""
