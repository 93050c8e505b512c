"""News articles: reading, cleaning, splitting and keeping them."""

__version__ = "0.1.0"
