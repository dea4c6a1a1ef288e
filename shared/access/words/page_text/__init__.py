"""From the octets of a web page, as they pass by, to its words and how often each occurs."""
