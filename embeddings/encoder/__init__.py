"""Encoding texts as vectors."""
