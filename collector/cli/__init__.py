"""Command lines of network devices: what is asked, what they answer, and what that tells."""
