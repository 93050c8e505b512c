"""From raw words to clean paragraphs, with title, byline and date."""
