"""Benchmarks: `python -m benchmarks.NAME [--quick] [--data DIR] [--json FILE]`."""
