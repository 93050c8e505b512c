"""Gold questions for the bundled articles."""
