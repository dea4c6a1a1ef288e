"""The grammar: from the octets of one command to its value; pure, so that it can be fuzzed without a socket."""
