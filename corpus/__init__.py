"""News articles: reading, cleaning, splitting and storing them."""

__version__ = "0.2.0"
