"""The store's backups and dumps, the tests and the benchmarks."""
