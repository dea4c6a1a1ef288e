"""Messages as the world sends them, exact to the octet, with the ENVELOPE and BODYSTRUCTURE that belong to them."""
