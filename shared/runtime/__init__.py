"""The process of a service: settings, logs, health, certificates, listeners, workers and its shutdown."""
