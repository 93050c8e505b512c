"""Results as text for a terminal and as files that people work with."""
