"""Text as HTML, the page's templates, style and scripts, and pages of our own.

Whatever comes from an article or a person is escaped here, on the server, once.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from corpus.errors import CitewireError
from corpus.store.activity import filters_json
from corpus.store.records import EVERYTHING, StoredArticle
from embeddings.library.protocol import Snapshot
from qa.compose.cite import text_fragment
from qa.output.plain_text import (
    VOICES,
    articles_of,
    day_words,
    days_words,
    filter_words,
    plural,
    printable,
    published_words,
    resolved_words,
    span_words,
    undated_words,
)
from qa.page.site import sentence
from qa.page.suggestions import examples
from qa.page.views.addresses import article_address, citation_address, permanent_link, quote_address
from qa.question.words import content_stems

Span = tuple[int, int, str]
"""Characters `[start, end)` to mark, and the name of the mark, "" for none."""
NEWEST = 4
MARK = "quote"
"""The name of the marked place, at which a browser opens `article/ID?start=..&end=..#quote`."""
CONVERSATION = ("shared", "address", "question_box", "past", "saved", "page", "article_dialog", "notebook", "table")
"""The parts of the script of the conversation's element, which works on all of the page."""
_WORD = re.compile(r"\w+(?:[’']\w+)*")


def esc(text: str) -> Markup:
    """Return text that an HTML page shows as it is, also inside an attribute."""
    return escape(printable(text))


@cache
def _templates() -> Environment:
    """Return the templates, which escape what they show. A line break beside a tag is dropped."""

    def source(name: str) -> str:
        text = files("qa.page.views").joinpath(name).read_text("utf-8")
        return re.sub(r"(?<=>)\n\s*|\n\s*(?=[<{]|$)", "", text)

    def shown(value: object) -> object:
        return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = Environment(loader=FunctionLoader(source), autoescape=True, undefined=StrictUndefined, finalize=shown)
    made.filters |= {
        "day": day_words,
        "marked": marked,
        "paragraphs": marked_paragraphs,
        "plural": plural,
        "published": published_words,
        "resolved": resolved_words,
        "span": span_words,
    }
    made.globals |= {
        "article_address": article_address,
        "articles_of": articles_of,
        "citation_address": citation_address,
        "days_words": days_words,
        "filter_words": filter_words,
        "filters_json": filters_json,
        "permanent_link": permanent_link,
        "undated_words": undated_words,
        "voices": VOICES,
        "word_spans": word_spans,
    }
    return made


def rendered(template: str, **values: object) -> str:
    """Return a template as HTML."""
    return _templates().get_template(template).render(values)


def part(template: str, macro: str, *values: object, **named: object) -> str:
    """Return one macro of a template as HTML."""
    return str(getattr(_templates().get_template(template).module, macro)(*values, **named))


def error_html(error: CitewireError) -> str:
    """Return why something could not be done as HTML."""
    return part("parts.j2", "failed", sentence(error))


def marked(text: str, spans: Iterable[Span], begins: int = 0, ends: int | None = None) -> Markup:
    """Return characters `[begins, ends)` of a text as HTML with spans marked.

    Of spans that overlap the later one is marked from where the earlier one ends; one within another is its end alone.
    """
    ends = len(text) if ends is None else ends
    parts, at = [], begins
    for start, end, name in sorted(spans):
        if start >= ends or end <= begins:
            continue
        first, last = max(at, start), max(at, min(end, ends))
        identity = Markup(' id="{}" tabindex="-1"').format(name) if name and start >= begins else ""
        parts += [esc(text[at:first]), Markup("<mark{}>{}</mark>").format(identity, esc(text[first:last]))]
        at = last
    return Markup("").join([*parts, esc(text[at:ends])])


def marked_paragraphs(text: str, spans: Iterable[Span] = ()) -> Markup:
    """Return the text's paragraphs as HTML with spans marked as `marked` does."""
    shown, begins = [], 0
    for paragraph in text.split("\n\n"):
        ends = begins + len(paragraph)
        shown.append(Markup("<p>{}</p>").format(marked(text, spans, begins, ends)))
        begins = ends + 2
    return Markup("").join(shown)


def word_spans(text: str, words: str, *, near: int = 0, name: str = "") -> list[Span]:
    """Return where the words searched for stand, in any form; the first from `near` on has the name."""
    sought = content_stems(words)
    found = [match.span() for match in _WORD.finditer(text) if content_stems(match[0]) & sought] if sought else []
    named = next((start for start, _ in found if start >= near), None)
    return [(start, end, name if start == named else "") for start, end in found]


@cache
def style() -> str:
    """Return the style of Gradio's page and of the pages of our own."""
    return _joined("frame.css", "articles.css", "style.css")


@cache
def script(*names: str) -> str:
    """Return what Gradio runs once the element of these scripts is there."""
    return _joined(*(f"{name}.js" for name in names))


def _joined(*names: str) -> str:
    return "\n".join(files("qa.page.views").joinpath(name).read_text("utf-8") for name in names)


def article_html(
    stored: StoredArticle,
    *,
    start: int = 0,
    end: int = 0,
    words: str = "",
    is_part: bool = False,
    may_remove: bool = False,
) -> str:
    """Return the article with characters `[start, end)` of its text marked; with `words` those words instead.

    is_part: it is shown within the page, where it can be asked and, with `may_remove`, removed.
    """
    info = stored.info
    original = info.url and quote_address(info.url, text_fragment(stored.text, start, end, heading=info.heading))
    spans = word_spans(stored.text, words, near=start, name=MARK) if words else [(start, end, MARK)] * (start < end)
    return part("shell.j2", "article", info, marked_paragraphs(stored.text, spans), original, is_part, may_remove)


def article_page(stored: StoredArticle, *, start: int = 0, end: int = 0, words: str = "") -> str:
    """Return a page of its own that runs no script, with the way to the rest of the page."""
    back = '<p class="cw-links"><a href="../#articles">All articles</a></p>'
    return plain_page(stored.info.heading, back + article_html(stored, start=start, end=end, words=words))


def message_page(title: str, message: str) -> str:
    """Return a page of its own that says one thing, such as that an article is not there."""
    return plain_page(title, part("shell.j2", "message", title, message))


def plain_page(title: str, body: str) -> str:
    """Return a page of its own around a body of HTML."""
    return part("shell.j2", "page", title, Markup(body), Markup(style()))


def welcome_html(snapshot: Snapshot, *, is_sample: bool = False) -> str:
    """Return what stands above the box before anything is asked: what the library holds.

    is_sample: the library is the bundled collection.
    """
    return part("shell.j2", "welcome", snapshot.coverage(EVERYTHING), is_sample)


def start_html(snapshot: Snapshot, *, may_add: bool = False, is_sample: bool = False) -> str:
    """Return what stands below the box before anything is asked: questions to try, the way to add, the newest articles.

    may_add: articles can be added on the page. is_sample: the library is the bundled collection.
    """
    newest = snapshot.articles(limit=NEWEST)
    return part("shell.j2", "start", examples(snapshot), newest, may_add, is_sample)
