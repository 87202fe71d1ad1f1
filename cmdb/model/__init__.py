"""The vocabulary of Surveymark: CI classes, relationship types, batches, identifiers. Standard library only, no I/O."""
