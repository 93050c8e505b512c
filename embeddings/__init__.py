"""Vectors and words of passages, and the library that finds them."""
