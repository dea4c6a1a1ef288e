"""The services, a container each; none imports another."""
