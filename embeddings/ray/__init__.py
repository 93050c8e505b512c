"""Adding articles on several machines with Ray."""
