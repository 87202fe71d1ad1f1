"""The tests: they mirror the tree, and meet the real thing."""
