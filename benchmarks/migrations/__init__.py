"""What other tools make of the battery of mutations: `python -m benchmarks.migrations`."""
