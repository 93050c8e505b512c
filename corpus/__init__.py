"""News articles: reading, cleaning, splitting and storing them."""

__version__ = "0.1.0"
