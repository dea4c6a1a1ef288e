"""How fast a stack is, and how much memory it takes; a peer can be measured beside it in the same run."""
