"""From cleaned text and named fields to the article: the last step of every format."""

from collections.abc import Mapping

from corpus.article import Article
from corpus.clean import clean, clean_line, paragraphs
from corpus.errors import ReadError
from corpus.heading import read_heading


def assemble(text: str, known: Mapping[str, str], *, where: str, find_title: bool) -> Article:
    """Return the article of a raw text and the fields known of it; what they leave open is read from the text's top.

    `find_title` says that the text may open with its own title. Raises ReadError when no word of an article is left.
    """
    cleaned = clean(text)
    title = known.get("title")
    heading = read_heading(paragraphs(cleaned), title=title if title or find_title else "")
    body = "\n\n".join(heading.paragraphs)
    if not any(c.isalnum() for c in body):
        why = "the file is empty" if not text.strip() else "it has no words of an article in it"
        raise ReadError(where, f"{why}: check that it is the right file")
    found = {name: clean_line(value) for name, value in heading.known.items()}
    return Article(text=body, **(found | dict(known)))
