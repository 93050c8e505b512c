"""Web pages, live or saved."""
