"""FETCH: the data items compiled into a plan, and the rows that it renders."""
