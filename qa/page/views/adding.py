"""How far an addition is, as HTML."""

from qa.page.model.changes import Adding
from qa.page.views.markup import esc, plural


def adding_html(adding: Adding, expected: int | None = None) -> str:
    """Return the progress or the outcome of an addition; `expected` is the number of files, where it is known."""
    bad = "".join(f"<li>{esc(reason)}</li>" for reason in adding.bad)
    listed = f'<p>Could not be read:</p><ul class="cw-bad">{bad}</ul>' if bad else ""
    if adding.report is None:
        measure = f' max="{max(expected, adding.articles, 1)}" value="{adding.articles}"' if expected else ""
        current = f": {esc(adding.current)}" if adding.current else ""
        words = f"{plural(adding.articles, 'article')} added{current}"
        bar = f'<progress aria-label="Adding articles"{measure}></progress>'
        return f'<div class="cw-adding">{bar}<p>{words}</p>{listed}</div>'
    r = adding.report
    counted = {"added": r.added, "replaced by a new version": r.replaced, "already there": r.unchanged}
    words = ", ".join(f"{count:,} {what}" for what, count in counted.items() if count or what == "added")
    return f'<div class="cw-adding" role="status"><p>{words}.</p>{listed}</div>'


def failed_html(message: str) -> str:
    """Return why nothing was added."""
    return f'<div class="cw-error" role="alert"><p>{esc(message)}</p></div>'
