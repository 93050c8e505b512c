"""Text as HTML, the page's templates, style and scripts, its addresses, and pages of our own.

Whatever comes from an article or a person is escaped here, on the server, once.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from corpus.errors import CitewireError
from corpus.store.activity import filters_json
from corpus.store.records import Filters, StoredArticle
from qa.compose.cite import text_fragment
from qa.output import plain_text
from qa.output.plain_text import printable
from qa.page.site import sentence
from qa.question.words import content_stems
from qa.service import MAX_TURNS, chosen_filters

Span = tuple[int, int, str]
"""Characters `[start, end)` to mark, and the name of the mark, "" for none."""
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
    own = (article_address, citation_address, filters_json, marked, marked_paragraphs, permanent_link, word_spans)
    words = {**vars(plain_text), **{function.__name__: function for function in own}}
    made.filters |= words
    made.globals |= words
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


def web_address(url: str | None) -> str | None:
    """Return the address where it is one of the web (http or https), else None: no other kind becomes a link."""
    address = (url or "").strip()
    return address if re.match(r"https?://[^/?#\s\[]", address, re.IGNORECASE) else None


def quote_address(url: str | None, fragment: str) -> str | None:
    """Return the `web_address` with a text directive, at which a browser scrolls to the quoted words."""
    address = web_address(url)
    return f"{address}{'' if '#' in address else '#'}:~:text={fragment}" if address and fragment else address


def permanent_link(question: str, turns: Sequence[str], filters: Filters) -> str:
    """Return the address that asks the question again, after the same earlier ones and under the same filters."""
    query = [("q", question), *(("turn", turn) for turn in turns[-MAX_TURNS:])]
    query += [("source", source) for source in filters.sources]
    query += [(name, day.isoformat()) for name in ("after", "before") if (day := getattr(filters, name))]
    query += [("article", filters.article)] if filters.article else []
    return "?" + urlencode(query)


class Linked(NamedTuple):
    """What a permanent link asks: the questions of a conversation, oldest first, under filters."""

    questions: tuple[str, ...]
    filters: Filters


def linked_questions(query: str) -> Linked | None:
    """Return what a permanent link asks, None where it asks nothing. Raises UsageError if its filters are not valid."""
    fields = parse_qs(query.removeprefix("?"))
    question = fields.get("q", [""])[0]
    if not question.strip():
        return None
    narrowed = (fields.get(name, [""])[0] for name in ("after", "before", "article"))
    filters = chosen_filters(fields.get("source", ()), *narrowed)
    return Linked((*fields.get("turn", ())[-MAX_TURNS:], question), filters)


def article_address(
    article: str, *, version: str | None = None, start: int = 0, end: int = 0, words: str = "", quote: str = ""
) -> str:
    """Return the page's address of an article, at its version and with characters `[start, end)` marked.

    words: what was searched for; these words are marked instead. quote: what is marked where it stands first.
    """
    named = {"version": version, "start": start or None, "end": end or None, "words": words, "quote": quote}
    query = urlencode({name: value for name, value in named.items() if value})
    return f"article/{article}{'?' + query if query else ''}{'#quote' if end or quote else ''}"


def citation_address(citation: Mapping[str, Any]) -> str:
    """Return the page's address of the words of a citation (`citewire/1`)."""
    c = citation
    return article_address(c["article"], version=c["version"], start=c["start"], end=c["end"])
