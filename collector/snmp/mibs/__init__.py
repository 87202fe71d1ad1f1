"""One MIB a file: the tables of it that are read, their columns and the meaning of their indexes."""
