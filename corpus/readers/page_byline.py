"""Who wrote a web page's article, by the lines about its title that say so, where the page's data does not."""

from lxml.html import HtmlElement

from corpus.cleaning.byline import signed_by

_LINES = frozenset("p div span address li a h2 h3 h4 h5 h6 td cite strong em b i small".split())
_MOST_CHARACTERS = 160
_MOST_ELEMENTS = 400
_TEXT_BEGUN = 300  # characters of long paragraphs: what follows is no longer about the title
_LONG_PARAGRAPH = 80


def signed_on_page(tree: HtmlElement) -> str | None:
    """Return the writers named between the page's first heading and its text, None where no line is a byline."""
    seen = text = 0
    for element in _after_heading(tree):
        seen += 1
        if seen > _MOST_ELEMENTS or text > _TEXT_BEGUN:
            return None
        if element.tag not in _LINES:
            continue
        words = _short_words(element)
        if words is None:
            text += len(element.text or "") if element.tag == "p" else 0
        elif writers := signed_by(words):
            return writers
        elif element.tag == "p" and len(words) >= _LONG_PARAGRAPH:
            text += len(words)
    return None


def _after_heading(tree: HtmlElement) -> "list[HtmlElement]":
    """Return the elements of the page from its first heading on."""
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    first = next((place for place, element in enumerate(elements) if element.tag == "h1"), None)
    return [] if first is None else elements[first + 1 : first + 2 + _MOST_ELEMENTS]


def _short_words(element: HtmlElement) -> str | None:
    """Return the words of an element, None where they are more than a line's."""
    words, length = [], 0
    for part in element.itertext():
        words.append(part)
        length += len(part)
        if length > _MOST_CHARACTERS:
            return None
    return " ".join(" ".join(words).split())
