"""What the page shows, without HTML."""
