"""How fast the hot paths are beside the system that they replace: `python -m benchmarks`."""
