"""Who said the quoted words."""
