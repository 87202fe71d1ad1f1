"""One fact a file: what it needs, a pure parse, a pure observe."""
