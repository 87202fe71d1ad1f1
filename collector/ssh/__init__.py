"""SSH: a session, and a shell over it."""
