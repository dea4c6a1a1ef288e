"""Stories across services, told by Python's own mail clients on the running stack."""
