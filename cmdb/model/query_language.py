"""placeholder: Query type (being written)"""
