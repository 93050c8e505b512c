"""What stands around texts: the page's style and script, and an article in the page or as a page of its own."""

from functools import cache
from importlib.resources import files

from corpus.store.store import StoredArticle
from qa.page.views.markup import esc, origin_html, paragraphs, quote_address, web_address


@cache
def style() -> str:
    """Return the style of Gradio's page and of the pages of our own."""
    return _joined("frame.css", "articles.css", "style.css")


@cache
def script() -> str:
    """Return what Gradio runs once the conversation's element is there."""
    return _joined("page.js", "dialogs.js")


def _joined(*names: str) -> str:
    return "\n".join(files("qa.page.views").joinpath(name).read_text("utf-8") for name in names)


MARK = "quote"
"""The name of the marked place, at which a browser opens `article/ID?start=..&end=..#quote`."""


def article_html(stored: StoredArticle, *, start: int = 0, end: int = 0, tools: str = "") -> str:
    """Return the article with characters `[start, end)` of its text marked."""
    info = stored.info
    older = ""
    if not info.current:
        older = (
            '<p class="cw-note">This is an earlier version, kept because it was quoted. The article has changed.</p>'
        )
    place = f' <span aria-hidden="true">·</span> <span>{esc(info.place)}</span>' if info.place else ""
    language = f' lang="{esc(info.language)}"' if info.language else ""
    return (
        f'<article class="cw-article"{language}><h1 class="cw-headline" id="cw-headline">{esc(info.heading)}</h1>'
        f'<p class="cw-origin">{origin_html(info.source, info.author, info.published)}{place}</p>{older}'
        f'<div class="cw-text">{paragraphs(stored.text, start, end, name=MARK)}</div>'
        f'<footer class="cw-article-foot">{_links(stored, start, end)}'
        f'<p class="cw-version">Article {info.id} · <span>{esc(info.version)}</span></p>{tools}</footer></article>'
    )


def article_page(stored: StoredArticle, *, start: int = 0, end: int = 0) -> str:
    """Return a page of its own that runs no script."""
    return plain_page(stored.info.heading, article_html(stored, start=start, end=end))


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
    href = quote_address(url, stored.text[start:end]) if end > start else url
    return f'<p class="cw-links"><a href="{esc(href)}" target="_blank" rel="noopener noreferrer">Original ↗</a></p>'
