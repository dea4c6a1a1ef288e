"""The set-up of mail programs: from an address they find the servers, as each asks for them."""
