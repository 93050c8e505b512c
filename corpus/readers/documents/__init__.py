"""Documents made for people: Word, PDF, e-books."""
