"""Inventories: files that name hosts with how they are reached. Nothing in them is ever evaluated or run."""
