"""Clients for load: they speak the protocols, and no more of them than the jobs need."""
