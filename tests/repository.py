"""Where the tests find the repository's own files."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
MARKED = TESTS / "marked"
"""Sentences, days, speakers and copies that people marked."""
