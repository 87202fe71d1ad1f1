"""Store adapters, one file each, that pass one conformance suite."""
