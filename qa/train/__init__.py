"""Training the reader. Nothing of this is needed to read, and it is not in the wheel."""
