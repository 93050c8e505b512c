"""Finding contradictions between the answers of different articles."""
