"""Forms that name a day by its weekday or as today, yesterday or tomorrow."""

from datetime import timedelta

from corpus.dates.false_friends import weekday_is_a_name, word_after, words_before
from corpus.dates.grammar import DASH, GAP, PART, Form, Found, Place
from corpus.dates.vocabulary import WEEKDAY, weekday_number

_TIME = r"(?:night|morning|afternoon|evening|noon|midnight|lunchtime)"
_ONE = timedelta(days=1)


def _weekday(place: Place) -> Found | None:
    """Resolve `Monday`, `late Sunday`, `Sunday night`, `last Friday`, `Monday (today)`, `Tuesday last week`.

    "last" is the last such day before the published one, "next" the one of the next week (Monday to Sunday), "this" the
    one of the published day's week. A span ("from Monday to Friday") starts before the day it ends.
    """
    match, published = place.match, place.published
    which, week, note = " ".join(place.group("which").split()), place.group("week"), place.group("note")
    if not (which or week or note) and weekday_is_a_name(place.text, match.start("weekday"), match.end()):
        return None
    number = weekday_number(match["weekday2"] or match["weekday"])
    monday = published - published.weekday() * _ONE
    if note:
        told = published + {"yesterday": -1, "today": 0, "tomorrow": 1}[note] * _ONE
        last = told if told.weekday() == number else told + ((number - told.weekday() + 3) % 7 - 3) * _ONE
    elif week or which in ("next", "this"):
        last = monday + {"last": -7, "this": 0, "next": 7}[week or which] * _ONE + number * _ONE
    elif which in ("last", "past", "this past"):
        last = published - ((published.weekday() - number - 1) % 7 + 1) * _ONE
    elif which or place.future():
        last = published + (number - published.weekday()) % 7 * _ONE
    else:
        last = published - (published.weekday() - number) % 7 * _ONE
    first = last - (number - weekday_number(match["weekday"])) % 7 * _ONE if match["weekday2"] else last
    return place.found((first, last))


def _day_word(place: Place) -> Found | None:
    """Resolve `today`, `tonight`, `yesterday morning`, `tomorrow`, `last night`, `this morning`."""
    words = " ".join(place.match[0].split())
    before = words_before(place.text, place.match.start())[1]
    lead = place.text[max(0, place.match.start() - 2) : place.match.start()].rstrip(" \t“\"‘'(—–-")
    if words[0].isupper() and lead[-1:] not in ("", "\n", ".", "!", "?", ":", "…"):
        return None  # a name: USA Today
    after = word_after(place.text, place.match.end())
    if (before.lower() in ("of", "than") and words.startswith("tomorrow")) or after in (
        "show",
        "Show",
        "programme",
        "Programme",
    ):
        return None
    word = words.lower()
    offset = {"y": -1, "l": -1, "t": 0}[word[0]] if not word.startswith("tomorrow") else 1
    if word.startswith("the day"):
        offset = -2 if word.endswith("yesterday") else 2
    day = place.published + offset * _ONE
    return place.found((day, day))


WEEKDAYS: Form = Form(
    rf"(?:{PART}{GAP}(?:on{GAP})?)?(?:(?P<which>[Tt]his{GAP}past|[Tt]his{GAP}coming|[Tt]his|[Ll]ast|[Nn]ext|[Pp]ast|[Cc]oming)"
    rf"{GAP})?(?P<weekday>{WEEKDAY})(?:{GAP}{_TIME}(?![A-Za-z]))?"
    rf"(?:(?:{DASH}|{GAP}(?:to|through){GAP})(?P<weekday2>{WEEKDAY}))?"
    rf"(?:{GAP}\((?P<note>today|yesterday|tomorrow)\))?(?:{GAP}(?:of{GAP})?(?P<week>last|this|next){GAP}week(?![A-Za-z]))?",
    _weekday,
)
DAY_WORDS: Form = Form(
    rf"(?:[Tt]he{GAP}day{GAP}(?:before{GAP}yesterday|after{GAP}tomorrow)|[Tt]oday|[Tt]onight|[Yy]esterday(?:{GAP}{_TIME})?"
    rf"|[Tt]omorrow(?:{GAP}{_TIME})?|[Ll]ast{GAP}night|[Tt]his{GAP}(?:morning|afternoon|evening))(?![A-Za-z])",
    _day_word,
)
