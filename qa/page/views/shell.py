"""What stands around texts: the page's style and script, its welcome, and an article in the page or alone."""

from functools import cache
from importlib.resources import files

from corpus.article import parse_published
from corpus.store.records import EVERYTHING, StoredArticle
from embeddings.library.library import Snapshot
from qa.compose.cite import text_fragment
from qa.output.plain_text import articles_of
from qa.page.model.examples import examples
from qa.page.views.markup import (
    article_address,
    day_words,
    esc,
    origin_html,
    paragraphs,
    quote_address,
    web_address,
    worded_paragraphs,
)

NEWEST = 4


@cache
def style() -> str:
    """Return the style of Gradio's page and of the pages of our own."""
    return _joined("frame.css", "articles.css", "style.css")


def favicon() -> str:
    """Return the path of the page's icon."""
    return str(files("qa.page.views").joinpath("favicon.svg"))


@cache
def script() -> str:
    """Return what Gradio runs once the conversation's element is there."""
    return _joined(
        "asking.js", "past.js", "saved.js", "page.js", "dialogs.js", "collection.js", "notebook.js", "table.js"
    )


def _joined(*names: str) -> str:
    return "\n".join(files("qa.page.views").joinpath(name).read_text("utf-8") for name in names)


MARK = "quote"
"""The name of the marked place, at which a browser opens `article/ID?start=..&end=..#quote`."""


def article_html(
    stored: StoredArticle, *, start: int = 0, end: int = 0, words: str = "", tools: str = "", ask: str = ""
) -> str:
    """Return the article with characters `[start, end)` of its text marked; with `words` those words instead.

    ask: what stands below its headline. tools: what stands below its text.
    """
    info = stored.info
    older = ""
    if not info.current:
        older = (
            '<p class="cw-note">This is an earlier version, kept because it was quoted. The article has changed.</p>'
        )
    text = (
        worded_paragraphs(stored.text, words, near=start, name=MARK)
        if words
        else paragraphs(stored.text, start, end, name=MARK)
    )
    place = f' <span aria-hidden="true">·</span> <span>{esc(info.place)}</span>' if info.place else ""
    language = f' lang="{esc(info.language)}"' if info.language else ""
    return (
        f'<article class="cw-article"{language}><h1 class="cw-headline" id="cw-headline">{esc(info.heading)}</h1>'
        f'<p class="cw-origin">{origin_html(info.source, info.author, info.published)}{place}</p>{ask}{older}'
        f'<div class="cw-text">{text}</div>'
        f'<footer class="cw-article-foot">{_links(stored, start, end)}'
        f'<p class="cw-version">Article {info.id} · <span>{esc(info.version)}</span></p>{tools}</footer></article>'
    )


def article_page(stored: StoredArticle, *, start: int = 0, end: int = 0, words: str = "") -> str:
    """Return a page of its own that runs no script, with the way to the rest of the page."""
    back = '<p class="cw-links"><a href="../#articles">All articles</a></p>'
    return plain_page(stored.info.heading, back + article_html(stored, start=start, end=end, words=words))


def message_page(title: str, message: str) -> str:
    """Return a page of its own that says one thing, such as that an article is not there."""
    return plain_page(title, f'<h1 class="cw-headline">{esc(title)}</h1><p>{esc(message)}</p>')


def plain_page(title: str, body: str) -> str:
    """Return a page of its own around a body of HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{esc(title)} – Citewire</title><style>{style()}</style></head>"
        f'<body class="cw-page"><main>{body}</main></body></html>'
    )


def _links(stored: StoredArticle, start: int, end: int) -> str:
    url = web_address(stored.info.url)
    if url is None:
        return ""
    href = quote_address(url, text_fragment(stored.text, start, end, heading=stored.info.heading))
    return f'<p class="cw-links"><a href="{esc(href)}" target="_blank" rel="noopener noreferrer">Original ↗</a></p>'


def header_html(*, has_login: bool = False) -> str:
    """Return the head of the page; where people log in, with the way out."""
    leave = (
        '<form class="cw-leave" method="post" action="logout"><button class="cw-button">Log out</button></form>'
        if has_login
        else ""
    )
    return (
        '<header class="cw-header"><h1 class="cw-name">Citewire</h1>'
        '<p class="cw-tagline">Answers from news articles. Every word quoted, every quote at its place.</p>'
        '<button type="button" class="cw-button cw-new">New conversation</button>'
        f"{leave}</header>"
    )


def past_html() -> str:
    """Return the frame of the earlier conversations; the browser that keeps them fills it (past.js)."""
    return (
        '<nav class="cw-past" aria-label="Conversations"><h2>Conversations</h2>'
        '<input type="search" aria-label="Search the conversations" placeholder="Search">'
        '<ul></ul><p class="cw-note"></p></nav>'
    )


def welcome_html(snapshot: Snapshot, *, is_sample: bool = False) -> str:
    """Return what stands above the box before anything is asked: what the library holds.

    is_sample: the library is the bundled collection.
    """
    coverage = snapshot.coverage(EVERYTHING)
    if not coverage.articles:
        return (
            '<section class="cw-welcome"><h2>The library is empty</h2><p class="cw-held">'
            "On the command line, <code>citewire add FOLDER</code> adds articles.</p></section>"
        )
    days = ""
    if coverage.first and coverage.last:
        first, last = day_words(parse_published(coverage.first)), day_words(parse_published(coverage.last))
        days = f", {first}" if first == last else f", {first} to {last}"
    held = f"{articles_of(coverage.articles, coverage.sources)}{days}"
    badge = '<span class="cw-badge">Sample, invented</span> ' if is_sample else ""
    return f'<section class="cw-welcome"><h2>Ask the articles</h2><p class="cw-held">{badge}{held}</p></section>'


def start_html(snapshot: Snapshot, *, may_add: bool = False, is_sample: bool = False) -> str:
    """Return what stands below the box before anything is asked: questions to try, the way to add, the newest articles.

    may_add: articles can be added on the page. is_sample: the library is the bundled collection.
    """
    tried = "".join(
        f'<li><button type="button" class="cw-example" data-question="{esc(question)}">'
        f"<span>{esc(question)}</span> <small>{esc(shows)}</small></button></li>"
        for question, shows in examples(snapshot)
    )
    infos = snapshot.articles(EVERYTHING, order="published", descending=True, limit=NEWEST, offset=0)
    newest = "".join(
        f'<li><a class="cw-open" href="{esc(article_address(info.id))}">{esc(info.heading)}</a>'
        f'<span class="cw-origin">{origin_html(info.source, None, info.published)}</span></li>'
        for info in infos
    )
    add = ""
    if may_add:
        ways = "Files, a folder, an address or a feed"
        add = f'<a class="cw-button" href="#add">Add your articles</a> <span>{ways}</span>'
    elif is_sample:
        add = "<span>Your own articles: <code>citewire add FOLDER</code>, then <code>citewire serve</code></span>"
    return (
        (f'<h3>Try one</h3><ul class="cw-examples">{tried}</ul>' if tried else "")
        + (f'<p class="cw-yours">{add}</p>' if add else "")
        + (f'<h3>Newest articles</h3><ul class="cw-newest">{newest}</ul>' if newest else "")
    )
