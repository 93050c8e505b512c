"""Results as text for a terminal, articles as JSON."""
