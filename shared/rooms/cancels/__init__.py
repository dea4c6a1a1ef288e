"""Articles that go from every room and door, and come back."""
