"""Forms that count weeks, months, seasons and years from the published day: "last week", "two days ago"."""

import re
from datetime import timedelta

from corpus.dates.grammar import GAP, PART, STOP, WHICH, YEAR, DateMatch, Form, FoundDays
from corpus.dates.vocabulary import (
    COUNTS,
    SEASON,
    SEASONS,
    Span,
    quarter_span,
    season_span,
    shift,
    unit_span,
    word_after,
    words_before,
    years_around,
)

_COUNT = rf"(?:[0-9]{{1,3}}|{'|'.join(sorted(COUNTS, key=len, reverse=True)).replace(' ', GAP)})"
_UNITS = r"(?:day|week|month|year|decade)s?"
_VAGUE = re.compile(r"(?:(?:more|less|fewer) than|over|under|least|most|up to) $", re.IGNORECASE)
_WEEK = timedelta(days=7)


def _count(words: str) -> int:
    return int(words) if words.isdigit() else COUNTS[" ".join(words.lower().split())]


def _unit(matched: DateMatch) -> FoundDays | None:
    """Resolve `last week`, `earlier this month`, `late next year`, `this quarter`, `last summer`, `this weekend`."""
    published = matched.published
    unit, which = matched.group("unit"), matched.group("which")
    step = {"last": -1, "next": 1}.get(which, 0)
    # "the last week" is the seven days up to now, "last week" is not.
    by_days = words_before(matched.text, matched.match.start())[1].lower() == "the" and not matched.match["part"]
    if which in ("past", "coming") or (step and by_days):
        has_length = unit in ("week", "month", "year", "decade")
        return _rolling(matched, 1, unit, back=which in ("past", "last")) if has_length else None
    if unit == "weekend":
        span = _weekend(matched, which)
    elif unit == "quarter":
        span = quarter_span(published.year, (published.month + 2) // 3 + step)
    elif unit in SEASONS:
        span = _season(matched, unit, which)
    else:
        span = unit_span(shift(published, step, unit), unit)
    return matched.in_part(span)


def _rolling(matched: DateMatch, count: int, unit: str, *, back: bool) -> FoundDays | None:
    """Return so many units up to the published day, or from it on; "the last week of the campaign" is neither."""
    if word_after(matched.text, matched.match.end()) in ("of", "before"):
        return None
    other = shift(matched.published, -count if back else count, unit)
    return matched.found((min(other, matched.published), max(other, matched.published)))


def _season(matched: DateMatch, season: str, which: str) -> Span:
    published = matched.published
    spans = [season_span(year, season) for year in years_around(published, 2) if year < 9999]  # whose winter ends
    if which in ("last", "this past"):
        return [span for span in spans if span[1] < published][-1]
    if which == "next":
        return next(span for span in spans if span[0] > published)
    around = [span for span in spans if span[0] <= published <= span[1]]
    return around[0] if around else next(span for span in spans if span[0].year == published.year)


def _weekend(matched: DateMatch, which: str) -> Span:
    """Return the weekend meant: "next" is five days off or more; the sentence tells for "this" and "the"."""
    own = unit_span(matched.published, "weekend")
    last, coming = (own[0] - _WEEK, own[1] - _WEEK), (own[0] + _WEEK, own[1] + _WEEK)
    if which == "next":
        return own if (own[0] - matched.published).days >= 5 else coming
    if which in ("last", "this past"):
        return last
    future = matched.future()
    if matched.published.weekday() >= 5 or which == "this coming":
        return own
    return own if future or (future is None and which == "this") else last


def _the_weekend(matched: DateMatch) -> FoundDays | None:
    """Resolve `the weekend`, as in "over the weekend"; not "the weekend before"."""
    after = word_after(matched.text, matched.match.end())
    if after in ("before", "after", "when", "edition", "following"):
        return None
    return matched.found(_weekend(matched, "the"))


def _several(matched: DateMatch) -> FoundDays | None:
    """Resolve `past three days`, `last 24 hours`, `next two weeks`; the published day is one end."""
    count, unit, which = _count(matched.match["count"]), matched.group("unit").rstrip("s"), matched.group("which")
    if unit == "hour":
        if count % 24:
            return None
        count, unit = count // 24, "day"
    return _rolling(matched, count, unit, back=which not in ("next", "coming"))


def _ago(matched: DateMatch) -> FoundDays | None:
    """Resolve `two days ago` to the day and `three weeks ago`, `a year ago` to the calendar week, month or year."""
    if _VAGUE.search(matched.text[max(0, matched.match.start() - 12) : matched.match.start()]):
        return None
    unit = matched.group("unit").rstrip("s")
    day = shift(matched.published, _count(matched.match["count"]) * (-1 if matched.group("way") == "ago" else 1), unit)
    return matched.found(unit_span(day, unit))


def _season_year(matched: DateMatch) -> FoundDays | None:
    """Resolve `spring of 2021`, `summer 2022`, `autumn of last year`."""
    year = matched.year()
    return matched.found(season_span(year, matched.group("season"))) if year else None


UNIT = Form(
    rf"(?:(?P<part>{PART}|[Ee]arlier|[Ll]ater)(?:{GAP}|-))?{WHICH}{GAP}"
    rf"(?P<unit>week|weekend|month|quarter|year|decade|{SEASON}){STOP}",
    _unit,
)
THE_WEEKEND = Form(rf"[Tt]he{GAP}weekend{STOP}", _the_weekend)
SEVERAL = Form(
    rf"(?P<which>[Pp]ast|[Ll]ast|[Nn]ext|[Cc]oming){GAP}(?P<count>{_COUNT}){GAP}(?P<unit>{_UNITS}|hours){STOP}",
    _several,
)
AGO = Form(rf"(?i:(?P<count>{_COUNT}){GAP}(?P<unit>{_UNITS}){GAP}(?P<way>ago|from{GAP}now)){STOP}", _ago)
SEASON_YEAR = Form(
    rf"(?P<season>{SEASON}){GAP}(?:of{GAP})?(?:(?P<year>{YEAR})|(?P<rel>this|last|next){GAP}year{STOP})", _season_year
)
