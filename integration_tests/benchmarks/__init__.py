"""The benchmarks: the speed of a stack and the memory it takes; a peer can be measured beside it in the same run."""
