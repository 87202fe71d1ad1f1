"""Hosts in namespaces, each with a root file system of its own, for tests that need more than one real host."""
