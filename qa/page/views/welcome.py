"""What the page shows before anything is asked."""

from corpus.article import parse_published
from corpus.store.store import EVERYTHING
from embeddings.library.library import Snapshot
from qa.page.model.desk import examples
from qa.page.views.markup import article_address, day_words, esc, origin_html, plural

NEWEST = 4


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


def welcome_html(snapshot: Snapshot) -> str:
    """Return the empty conversation: what the library holds, questions to try, the newest articles."""
    coverage = snapshot.coverage(EVERYTHING)
    if not coverage.articles:
        return (
            '<section class="cw-welcome"><h2>The library is empty</h2><p>Add articles under “Articles”, or on the '
            "command line: <code>citewire add FOLDER</code>.</p></section>"
        )
    days = ""
    if coverage.first and coverage.last:
        first, last = day_words(parse_published(coverage.first)), day_words(parse_published(coverage.last))
        days = f", {first}" if first == last else f", {first} to {last}"
    held = f"{plural(coverage.articles, 'article')} of {plural(coverage.sources, 'outlet')}{days}."
    buttons = "".join(
        f'<li><button type="button" class="cw-example">{esc(question)}</button></li>' for question in examples(snapshot)
    )
    tried = f'<h3>Try one</h3><ul class="cw-examples">{buttons}</ul>' if buttons else ""
    infos = snapshot.articles(EVERYTHING, order="published", descending=True, limit=NEWEST, offset=0)
    newest = "".join(
        f'<li><a class="cw-open" href="{esc(article_address(info.id))}">{esc(info.heading)}</a>'
        f'<span class="cw-origin">{origin_html(info.source, None, info.published)}</span></li>'
        for info in infos
    )
    return (
        f'<section class="cw-welcome"><h2>Ask the articles</h2><p class="cw-held">{held}</p>{tried}'
        f'<h3>Newest articles</h3><ul class="cw-newest">{newest}</ul></section>'
    )
