"""Evaluation on gold questions."""
