"""The wiki: pages that people write together, with every revision of them."""
