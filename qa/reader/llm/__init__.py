"""A language model as reader: it chooses words of the passages, and cannot write any."""
