"""Which words of a passage answer, and how surely."""
