"""Fetching pages and feeds."""
