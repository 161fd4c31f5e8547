"""Every port in memory, with the semantics of the real one: for tests, the simulator, replay and benchmarks."""
