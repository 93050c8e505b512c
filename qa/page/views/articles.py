"""The collection as HTML: a list of articles, their number over time and per outlet."""

from corpus.store.records import ArticleInfo
from qa.output.plain_text import plural
from qa.page.model.collection import OUTLETS_SHOWN, Adding, Bar, Found, Listed
from qa.page.views.markup import article_address, day_words, esc, origin_html, span_words, worded
from qa.question.words import stems


def listing_html(found: Found, words: str) -> str:
    """Return the articles found, and how many they are."""
    if not found.total:
        what = "No article fits these words." if words.strip() else "No article passes these filters."
        return f'<p class="cw-none-title" role="status">{what}</p>'
    shown = "" if found.total == len(found.listed) else f", the first {len(found.listed):,} shown"
    order = "the best fit first" if words.strip() else "the newest first"
    items = "".join(_item_html(one, words.strip()) for one in found.listed)
    return (
        f'<p class="cw-note" role="status">{plural(found.total, "article")}, {order}{shown}</p>'
        f'<ol class="cw-list">{items}</ol>'
    )


def charts_html(found: Found) -> str:
    """Return a histogram of the articles over time and a bar for each outlet; each bar narrows the list to itself."""
    if not found.total:
        return ""
    undated = f'<p class="cw-note">{plural(found.undated, "article")} without a date</p>' if found.undated else ""
    return f'<div class="cw-charts">{_histogram_html(found)}{_outlets_html(found)}{undated}</div>'


def remove_button_html(info: ArticleInfo) -> str:
    """Return the button that asks whether the article shall be removed."""
    title = esc(info.heading)
    return (
        f'<button type="button" class="cw-button cw-remove" data-at="article/{esc(info.id)}" '
        f'data-ask="Remove “{title}” with all its versions? This cannot be undone." '
        f'data-done="“{title}” was removed.">Remove from the library</button>'
    )


def _item_html(one: Listed, words: str) -> str:
    info, hit = one.info, one.hit
    href = article_address(info.id)
    passage = ""
    if hit is not None:
        href = article_address(info.id, version=info.version, start=hit.start, end=hit.end, words=words)
        passage = f'<p class="cw-snippet">{worded(hit.text, stems(words))}</p>'
    return (
        f'<li><a class="cw-open cw-card-title" href="{esc(href)}">{esc(info.heading)}</a>'
        f'<p class="cw-origin">{origin_html(info.source, info.author, info.published)}</p>{passage}</li>'
    )


def _histogram_html(found: Found) -> str:
    if not found.bars:
        return ""
    highest = max(bar.articles for bar in found.bars)
    shown = "".join(_bar_html(bar, highest) for bar in found.bars)
    first, last = day_words(found.bars[0].first), day_words(found.bars[-1].last)
    ends = f'<p class="cw-ends"><span>{first}</span><span>{last}</span></p>' if len(found.bars) > 1 else ""
    return (
        '<section aria-labelledby="cw-over-time"><h2 id="cw-over-time">Articles over time</h2>'
        f'<ul class="cw-histogram">{shown}</ul>{ends}</section>'
    )


def _bar_html(bar: Bar, highest: int) -> str:
    height = round(100 * bar.articles / highest)
    if not bar.articles:
        return "<li></li>"
    about = f"{span_words(bar.first, bar.last)}: {plural(bar.articles, 'article')}"
    return (
        f'<li><button type="button" class="cw-bar" title="{about}" aria-label="{about}" '
        f'data-after="{bar.first}" data-before="{bar.last}"><i style="height:{height}%"></i></button></li>'
    )


def _outlets_html(found: Found) -> str:
    if not found.outlets:
        return ""
    highest = found.outlets[0][1]
    rows = "".join(
        f'<li><button type="button" class="cw-outlet-bar" data-source="{esc(source)}">'
        f'<span class="cw-outlet-name">{esc(source)}</span><span class="cw-track" aria-hidden="true">'
        f'<i style="width:{round(100 * articles / highest)}%"></i></span>'
        f'<span aria-hidden="true">{articles:,}</span><span class="cw-hidden">{plural(articles, "article")}</span>'
        "</button></li>"
        for source, articles in found.outlets[:OUTLETS_SHOWN]
    )
    more = len(found.outlets) - OUTLETS_SHOWN
    rest = f'<p class="cw-note">and {plural(more, "more outlet")}</p>' if more > 0 else ""
    return (
        '<section aria-labelledby="cw-per-outlet"><h2 id="cw-per-outlet">Articles per outlet</h2>'
        f'<ul class="cw-outlets">{rows}</ul>{rest}</section>'
    )


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
    words = ", ".join(f"{plural(count, 'article')} {what}" for what, count in counted.items() if count)
    if adding.same:
        words += f"{', ' if words else ''}{plural(adding.same, 'page')} as before"
    return f'<div class="cw-adding" role="status"><p>{words or "Nothing was added"}.</p>{listed}</div>'


def failed_html(message: str) -> str:
    """Return why nothing was added."""
    return f'<div class="cw-error" role="alert"><p>{esc(message)}</p></div>'
