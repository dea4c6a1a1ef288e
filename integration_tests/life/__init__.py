"""A stack of a test's own, from `agora up` to `agora down`, and what happens when something on the way dies."""
