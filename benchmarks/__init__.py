"""What a page costs, measured: ``python -m benchmarks`` starts a private desk, fills it, and asks it like a browser."""
