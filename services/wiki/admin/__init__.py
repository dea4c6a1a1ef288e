"""The pages of administrators: users, rooms, feeds, the proxy's usage; by the operations of shared/administration."""
