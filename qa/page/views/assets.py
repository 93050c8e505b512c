"""The style and the script of the page, put together from their files."""

from functools import cache
from importlib.resources import files


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
