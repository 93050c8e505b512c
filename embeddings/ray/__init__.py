"""Adding on several machines with Ray."""
