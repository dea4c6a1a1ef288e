"""How a process of Agora lives: settings, logs, health, certificates, listeners, workers and its end."""
