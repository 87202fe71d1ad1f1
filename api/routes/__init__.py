"""One resource a file. Each module has `routes`, a blueprint, which the application registers by itself."""
