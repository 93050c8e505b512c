"""What stands around texts: the page's style and script, its welcome, the notebook, and an article, also alone."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from corpus.store.records import EVERYTHING, StoredArticle
from embeddings.library.protocol import Snapshot
from qa.compose.cite import text_fragment
from qa.output.files import FILES
from qa.page.model.collection import examples
from qa.page.model.kept import MAX_NOTE_CHARACTERS, Noted
from qa.page.views.export import GONE
from qa.page.views.markup import marked_paragraphs, part, quote_address, rendered, web_address, word_spans

NEWEST = 4


@cache
def style() -> str:
    """Return the style of Gradio's page and of the pages of our own."""
    return _joined("frame.css", "articles.css", "style.css")


def favicon() -> str:
    """Return the path of the page's icon."""
    return str(files("qa.page.views").joinpath("favicon.svg"))


CONVERSATION = ("asking", "past", "saved", "page", "dialogs", "collection", "notebook", "table")
"""The parts of the script of the conversation's element, which works on all of the page."""


@cache
def script(*names: str) -> str:
    """Return what Gradio runs once the element of these scripts is there."""
    return _joined(*(f"{name}.js" for name in names))


def _joined(*names: str) -> str:
    return "\n".join(files("qa.page.views").joinpath(name).read_text("utf-8") for name in names)


def notebook_html(notes: Sequence[Noted]) -> str:
    """Return the pinned quotes in their order, each with its note, and the ways to take them away."""
    return rendered("notebook.j2", notes=notes, files=FILES, gone=GONE, most=MAX_NOTE_CHARACTERS)


MARK = "quote"
"""The name of the marked place, at which a browser opens `article/ID?start=..&end=..#quote`."""


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
    url = web_address(info.url)
    original = quote_address(url, text_fragment(stored.text, start, end, heading=info.heading)) if url else None
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
    newest = snapshot.articles(EVERYTHING, order="published", descending=True, limit=NEWEST, offset=0)
    return part("shell.j2", "start", examples(snapshot), newest, may_add, is_sample)
