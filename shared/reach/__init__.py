"""Going out safely: names, the addresses they lead to, which of these may be reached, and the first that accepts."""
