"""Forms with a month or a year in them, alone or with days, and dates such as 2023-03-06."""

from datetime import date

from corpus.dates.grammar import DASH, DAY, GAP, GAP0, PART, STOP, TIME, WHEN, DateMatch, Form, FoundDays, nearest
from corpus.dates.vocabulary import (
    MONTH,
    ORDINALS,
    SHORT_WEEKDAY,
    WEEKDAY,
    bare_month_is_a_time,
    month_number,
    month_span,
    quarter_span,
    weekday_number,
    words_before,
    year_is_a_time,
    year_span,
    years_around,
)

_LED = rf"(?:(?P<weekday>{WEEKDAY}|{SHORT_WEEKDAY})(?:{GAP}{TIME})?[,.]?{GAP}(?:the{GAP}|(?P<paren>\())?)?"
_NAMED = rf"(?:{GAP}\((?:{WEEKDAY}|{SHORT_WEEKDAY})\))?"  # 7 April (Sunday)
_UNITS = r"people|others?\b|more\b|percent|per cent|million|billion|[ap]\.?m\b|years?\b|points?\b|hours?\b|minutes"
_DAY2 = rf"{DAY}(?!{GAP0}(?:{_UNITS}))"
_AND = rf"{GAP}(?P<and>and|&){GAP}"
_NO_LIST = rf"(?!(?:,{GAP}{DAY})+,?{GAP}(?:and|&){GAP}[0-9])"  # "May 3, 4 and 6, 2019": the year would be missed
_TO = rf"{GAP0}(?:{DASH}|to|through|thru|until){GAP0}"


def _month_day(matched: DateMatch) -> FoundDays | None:
    """Resolve `March 6`, `Monday, March 6, 2023`, `6-7 March`, `Nov. 30-Dec. 5`, `between March 6 and 9`.

    "March 6 and 9" are two days, of which the first is given.
    """
    match, end = matched.match, matched.match.end()
    first_month, last_month = month_number(match["m1"] or match["m2"]), month_number(match["m2"] or match["m1"])
    first_day, last_day = (int(words.rstrip("dhnrst")) for words in (match["d1"], match["d2"] or match["d1"]))
    between = words_before(matched.text, match.start())[1].lower() == "between"
    if match["and"] and not between and (last_month != first_month or last_day - first_day != 1):
        if match["m1"] is None:
            return None  # "6 and 9 March": the second stands by itself
        last_month, last_day, end = first_month, first_day, max(match.end("d1"), match.end("m1"))
    year = matched.year()
    if year is None:
        first = _day_without_year(matched, first_month, first_day)
    else:
        first = date(year if last_month >= first_month else year - 1, first_month, first_day)
    last = date(first.year + (last_month < first_month), last_month, last_day)
    return FoundDays(end, (first, last)) if first <= last else None


def _day_without_year(matched: DateMatch, month: int, day: int) -> date:
    """Return the day meant; one eleven months and more in the past would be printed with its year."""
    years = years_around(matched.published, 1)
    spans = [(date(y, month, day),) * 2 for y in years if day <= month_span(y, month)[1].day]
    if matched.match["weekday"]:
        wanted = weekday_number(matched.match["weekday"])
        spans = [span for span in spans if span[0].weekday() == wanted] or spans
    if not spans:
        raise ValueError(f"no day {day} in month {month}")
    chosen = nearest(spans, matched.published, matched.future())
    if abs((chosen[0] - matched.published).days) > 330:
        chosen = nearest(spans, matched.published, None)
    return chosen[0]


def _month(matched: DateMatch) -> FoundDays | None:
    """Resolve `August 2021`, `early August`, `last March`, `April next year`, `March to May 2021`, `in August`."""
    match, published = matched.match, matched.published
    month, last_month = month_number(match["m1"]), month_number(match["m2"] or match["m1"])
    year, which, part = matched.year(), matched.group("which"), matched.group("part")
    is_bare = year is None and not which and not part
    if is_bare and not bare_month_is_a_time(matched.text, match.start(), match.end(), match["m1"]):
        return None
    if year is not None:
        first = month_span(year if last_month >= month else year - 1, month)
    else:
        spans = [month_span(y, month) for y in years_around(published, 1)]
        if which in ("last", "next"):
            spans = [s for s in spans if (s[1] < published if which == "last" else s[0] > published)]
        if not spans:
            raise ValueError(f"the calendar has no {which} month {month}")
        future = {"last": False, "this past": False, "next": True, "this coming": True}.get(which)
        if which == "this":
            first = month_span(published.year, month)
        else:
            first = nearest(spans, published, matched.future() if future is None else future)
    if part:
        return matched.in_part(first)
    return matched.found((first[0], month_span(first[0].year + (last_month < month), last_month)[1]))


def _iso(matched: DateMatch) -> FoundDays | None:
    day = date(int(matched.match["y"]), int(matched.match["m"]), int(matched.match["d"]))
    return matched.found((day, day))


MONTH_DAY = Form(
    rf"{_LED}(?P<m1>{MONTH}){GAP}(?P<d1>{DAY}){_NO_LIST}(?:(?:{_TO}|{_AND})(?:(?P<m2>{MONTH}){GAP})?(?P<d2>{_DAY2}))?{WHEN}?{_NAMED}(?(paren)\)){STOP}",
    _month_day,
)
DAY_MONTH = Form(
    rf"{_LED}(?P<d1>{DAY})(?:{GAP}(?:of{GAP})?(?P<m1>{MONTH}))?(?:(?:{_TO}|{_AND})(?P<d2>{_DAY2}))?{GAP}(?:of{GAP})?"
    rf"(?P<m2>{MONTH}){WHEN}?{_NAMED}(?(paren)\)){STOP}",
    _month_day,
)
MONTH_YEAR = Form(
    rf"(?:(?P<part>{PART}|[Ee]arlier|[Ll]ater)(?:{GAP}(?:in{GAP}|of{GAP})?|-))?"
    rf"(?:(?P<which>[Tt]his{GAP}past|[Tt]his{GAP}coming|[Tt]his|[Ll]ast|[Nn]ext){GAP})?"
    rf"(?P<m1>{MONTH})(?:(?:{_TO}|{GAP}and{GAP})(?P<m2>{MONTH}))?{WHEN}?{STOP}",
    _month,
)
ISO = Form(r"(?P<y>[12][0-9]{3})-(?P<m>[01][0-9])-(?P<d>[0-3][0-9])(?![0-9-])", _iso)


def _years(matched: DateMatch) -> FoundDays | None:
    first = int(matched.match["y1"])
    if not year_is_a_time(matched.text, matched.match.start(), matched.match.end(), first):
        return None
    last, digits = first, matched.match["y2"]
    if digits:
        last = int(digits) if len(digits) == 4 else first // 100 * 100 + int(digits)
        last += 100 if last < first and len(digits) == 2 else 0
    if not first <= last <= first + 100:
        return None
    return matched.found(year_span(first, last)) if digits else matched.in_part(year_span(first))


def _decade(matched: DateMatch) -> FoundDays | None:
    """Resolve `the 1990s`, `the '90s`, `late 1800s`; "in her 80s" is an age."""
    digits = matched.match["decade"]
    first = int(digits) if len(digits) == 4 else matched.published.year // 100 * 100 + int(digits)
    first -= 100 if len(digits) == 2 and first > matched.published.year else 0
    span = year_span(first, first + (99 if first % 100 == 0 and first < 2000 else 9))
    return matched.in_part(span)


def _quarter(matched: DateMatch) -> FoundDays | None:
    """Resolve `the third quarter of 2022`, `Q3 2022`."""
    match, year = matched.match, matched.year()
    if year is None:
        return None
    return matched.found(quarter_span(year, int(match["number"] or ORDINALS[matched.group("ordinal")])))


YEARS = Form(
    rf"(?:(?P<part>{PART})(?:{GAP}|-))?(?P<y1>(?:1[5-9]|20)[0-9]{{2}})"
    rf"(?:(?:{DASH}|/|{GAP}(?:to|through|{DASH}|(?<=etween [0-9]{{4}} )and){GAP})"
    r"(?P<y2>(?:(?:1[5-9]|20)[0-9]{2}|[0-9]{2})(?![0-9A-Za-z%]|[.,][0-9])))?(?![0-9A-Za-z%]|[.,][0-9]|-[a-z])",
    _years,
)
DECADE = Form(
    rf"(?:(?P<part>{PART})(?:{GAP}(?:the{GAP})?|-))?['’‘]?(?P<decade>(?:1[5-9]|20)[0-9]0|(?<=['’‘])[2-9]0)"
    rf"(?:s|(?<=the [0-9]{{4}})['’]s){STOP}",
    _decade,
)
QUARTER = Form(
    rf"(?:(?P<ordinal>[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth){GAP}quarter|Q(?P<number>[1-4])){WHEN}{STOP}",
    _quarter,
)
