"""SSH: the administrators' shell, and what members may do there for themselves."""
