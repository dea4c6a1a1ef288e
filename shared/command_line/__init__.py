"""`agora …`: one file per noun, over the same operations that the services use."""
