"""What was agreed, how the estate differs from it, and the evidence for both."""
