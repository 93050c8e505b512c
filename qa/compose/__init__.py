"""From what was read to answers with citations."""
