"""The collection as HTML: a list of articles, their number over time and per outlet."""

from corpus.store import ArticleInfo
from qa.page.markup import esc


def remove_button_html(info: ArticleInfo) -> str:
    """Return the button that asks whether the article shall be removed."""
    return (
        f'<button type="button" class="cw-button cw-remove" data-article="{esc(info.id)}" '
        f'data-title="{esc(info.heading)}">Remove from the library</button>'
    )
