"""One group of commands a file. Each module has `add(groups)`, which declares its commands; each command a `run`."""
