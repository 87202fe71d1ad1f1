"""The core: vocabulary, identification, reconciliation, history, and the stores."""
