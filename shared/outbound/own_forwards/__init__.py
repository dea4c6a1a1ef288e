"""Members' own forwards: each has their mail sent on to addresses elsewhere, once those have confirmed that."""
