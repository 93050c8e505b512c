"""Login and checks of requests."""
