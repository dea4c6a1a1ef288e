"""The usage of the proxy: who used it how much, counted in memory and kept in the store."""
