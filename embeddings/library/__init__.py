"""A library: its store, its indexes and its encoder."""
