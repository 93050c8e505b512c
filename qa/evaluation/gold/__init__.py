"""The gold questions of the bundled articles."""
