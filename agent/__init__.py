"""Discovery on the host itself: facts, one pass over them, and how they are submitted."""
