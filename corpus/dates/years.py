"""Forms that name a year, several, a part of one or a decade."""

from datetime import date

from corpus.dates.false_friends import words_before, year_is_a_time
from corpus.dates.grammar import DASH, GAP, PART, STOP, WHEN, YEAR, DateMatch, Form, FoundDays
from corpus.dates.vocabulary import COUNTS, ORDINALS, month_span, part_of, quarter_span, year_span


def _years(matched: DateMatch) -> FoundDays | None:
    first = int(matched.match["y1"])
    if not year_is_a_time(matched.text, matched.match.start(), matched.match.end(), first):
        return None
    last, end = first, matched.match.end()
    if (
        matched.match["y2"]
        and matched.match["and"]
        and words_before(matched.text, matched.match.start())[1].lower() != "between"
    ):
        end = matched.match.end("y1")  # "in 2015 and 2017" are two years
    elif matched.match["y2"]:
        digits = matched.match["y2"]
        last = int(digits) if len(digits) == 4 else first // 100 * 100 + int(digits)
        last += 100 if last < first and len(digits) == 2 else 0
    if not first <= last <= first + 100:
        return None
    span = year_span(first, last)
    return FoundDays(end, part_of(span, matched.group("part")) if matched.match["part"] and first == last else span)


def _decade(matched: DateMatch) -> FoundDays | None:
    """Resolve `the 1990s`, `the '90s`, `late 1800s`, `1970s and 80s`; "in her 80s" is an age."""
    match, digits = matched.match, matched.match["decade"]
    first = int(digits) if len(digits) == 4 else matched.published.year // 100 * 100 + int(digits)
    first -= 100 if len(digits) == 2 and first > matched.published.year else 0
    span = year_span(first, first + (99 if first % 100 == 0 and first < 2000 else 9))
    if match["part"]:
        return matched.found(part_of(span, matched.group("part")))
    if match["decade2"]:
        return matched.found((span[0], year_span(first // 100 * 100 + int(match["decade2"]) + 9)[1]))
    return matched.found(span)


def _quarter(matched: DateMatch) -> FoundDays | None:
    """Resolve `the third quarter of 2022`, `Q3 2022`, `the first half of last year`, `first three months of 2023`."""
    match, year = matched.match, matched.year()
    if year is None:
        return None
    number = int(match["number"]) if match["number"] else ORDINALS[matched.group("ordinal")]
    if match["half"]:
        return (
            matched.found((quarter_span(year, number * 2 - 1)[0], quarter_span(year, number * 2)[1]))
            if number < 3
            else None
        )
    return matched.found(quarter_span(year, number))


def _months_of(matched: DateMatch) -> FoundDays | None:
    """Resolve `first three months of 2023`."""
    words, year = matched.group("count"), matched.year()
    count = int(words) if words.isdigit() else COUNTS.get(words, 0)
    if year is None or not 1 <= count <= 12:
        return None
    return matched.found((date(year, 1, 1), month_span(year, count)[1]))


YEARS: Form = Form(
    rf"(?:(?P<part>{PART})(?:{GAP}|-))?(?P<y1>(?:1[5-9]|20)[0-9]{{2}})"
    rf"(?:(?:(?:{DASH}|/)|{GAP}(?:to|through|(?P<and>and)){GAP}|{GAP}{DASH}{GAP})(?P<y2>{YEAR}|[0-9]{{2}}(?![0-9A-Za-z%]|[.,][0-9])))?"
    r"(?![0-9A-Za-z%]|[.,][0-9]|-[a-z])",
    _years,
)
DECADE: Form = Form(
    rf"(?:(?P<part>{PART})(?:{GAP}(?:the{GAP})?|-))?['’‘]?(?P<decade>(?:1[5-9]|20)[0-9]0|(?<=['’‘])[2-9]0)"
    rf"(?:s|(?<=the [0-9]{{4}})['’]s)"
    rf"(?:{GAP}(?:and|or){GAP}(?:the{GAP})?['’‘]?(?P<decade2>[2-9]0)['’]?s)?(?![0-9A-Za-z])",
    _decade,
)
QUARTER: Form = Form(
    rf"(?:(?P<ordinal>[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth){GAP}(?:quarter|(?P<half>half))|Q(?P<number>[1-4])){WHEN}{STOP}",
    _quarter,
)
MONTHS_OF: Form = Form(
    rf"[Ff]irst{GAP}(?P<count>[0-9]{{1,2}}|[a-z]+){GAP}months{WHEN}{STOP}",
    _months_of,
)
