"""Questions answered in quoted words, and how well that goes."""
