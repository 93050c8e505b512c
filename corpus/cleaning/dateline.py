"""The place that a news text names before its first sentence: "ISLAMABAD:", "LONDON, March 6 (AP) —"."""

import re
from dataclasses import dataclass

from corpus.cleaning.written_dates import DATE, iso_date
from corpus.dates.vocabulary import MONTH_WORD

_MONTH = rf"(?:{MONTH_WORD}\.?)"
_CAPITALS = r"[A-ZÀ-Þ][A-ZÀ-Þ.'’]+(?:[ /-][A-ZÀ-Þ][A-ZÀ-Þ.'’]*){0,4}"
_MIXED = r"[A-ZÀ-Þ][\w.'’-]{1,24}(?: (?:de|del|la|al|el|of|[A-ZÀ-Þ][\w.'’-]{1,24})){0,3}"
_WIRE = r"(?:CNN(?: Business)?|AP|AFP|Reuters|REUTERS|UPI)\b"
_REGION = rf"(?:, (?!{_MONTH}\b)[A-ZÀ-Þ][\w.'’-]{{1,24}}(?: (?!{_WIRE})(?:and|of|[A-ZÀ-Þ][\w.'’-]{{1,24}})){{0,3}})?"
_DAY = rf"(?:,? (?P<date>(?i:{DATE})|{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH}))?"
_AGENCY = rf"(?P<agency> ?\([A-ZÀ-Þ][\w ./&’'-]{{1,40}}\)| {_WIRE})?"
_SEPARATOR = r"(?: ?:| ?--?-?(?= |$)| ?[–—])"
_DATELINE = re.compile(
    rf"(?P<place>(?:{_CAPITALS}|{_MIXED}){_REGION}){_DAY},?{_AGENCY}{_SEPARATOR}(?P<rest>\s.*|[–—]?$|(?<=[—–]).*)"
)

# Labels that stand before a colon or dash in capitals, and are no places.
_NO_PLACES = frozenset(
    "advisory alert analysis breaking briefing bulletin comment column correction covid coronavirus editorial "
    "editor exclusive explainer explained factbox feature flash headline headlines highlights important "
    "interview investigation just in latest letter live moved nato news note notice obituary opec opinion "
    "photo photos pictures podcast poll preview profile question quote quotes answer recap refile report "
    "review roundup spotlight statement story summary timeline transcript unesco unicef update "
    "updated urgent video viewpoint views warning watch wrapup read background source sources asean "
    "monday tuesday wednesday thursday friday saturday sunday bottom line rules tracker how why who what when where "
    "fifa nasa uefa summary and by the".split()
)
# Cities that a mixed-case dateline names often enough to be told from any other word before a colon.
CITIES = frozenset(
    "Abuja;Accra;Amman;Amsterdam;Ankara;Athens;Baghdad;Bangkok;Beijing;Beirut;Bengaluru;Berlin;Brasilia;"
    "Brussels;Buenos Aires;Cairo;Canberra;Chennai;Colombo;Damascus;Delhi;Dhaka;Doha;Dubai;Dublin;Geneva;Hanoi;"
    "Havana;Hong Kong;Hyderabad;Islamabad;Istanbul;Jakarta;Jerusalem;Johannesburg;Kabul;Karachi;Kathmandu;"
    "Kolkata;Kuala Lumpur;Kyiv;Lagos;Lahore;London;Los Angeles;Madrid;Manila;Mexico City;Moscow;Mumbai;"
    "Nairobi;New Delhi;New York;Ottawa;Paris;Peshawar;Quetta;Rawalpindi;Riyadh;Rome;San Francisco;Seoul;"
    "Shanghai;Singapore;Stockholm;Sydney;Taipei;Tehran;Tel Aviv;Tokyo;Toronto;Tripoli;Tunis;United Nations;"
    "Vienna;Warsaw;Washington;Wellington;Abu Dhabi".split(";")
)
_SMALL = frozenset("de del des di do da du la le las los el al au aux sur and of the e y".split())
_LONGEST_OPENING = 150


@dataclass(frozen=True, slots=True)
class Dateline:
    """The place as usually written, the published day where the dateline has its year, and whether it stands alone.

    `sure` says that an agency, a date or a well-known city's name shows it to be a dateline, not some label.
    """

    place: str
    published: str | None
    alone: bool
    sure: bool


def read_dateline(paragraph: str) -> Dateline | None:
    """Return the dateline at the start of a paragraph, or None; agencies in it are nobody's outlet."""
    match = _DATELINE.match(paragraph[:_LONGEST_OPENING])
    if match is None:
        return None
    place = match["place"].strip()
    city = place.split(",", 1)[0]
    marked = bool(match["agency"] or match["date"])
    words = re.findall(r"\w+", city.lower())
    if any(word in _NO_PLACES for word in words) or (len(words) == 1 and len(words[0]) < 4 and not marked):
        return None
    sure = marked or usual_case(city) in CITIES
    if not city.isupper() and not sure:
        return None
    alone = not match["rest"].strip() and len(paragraph) < _LONGEST_OPENING
    return Dateline(place=usual_case(place), published=iso_date(match["date"] or ""), alone=alone, sure=sure)


def usual_case(place: str) -> str:
    """Return a place written in capitals in the usual case: PORT-AU-PRINCE, Haiti is Port-au-Prince, Haiti."""
    city, comma, region = place.partition(",")
    city = re.sub(r"[^\W\d_][^\W\d_.'’]*(?:[.'’][^\W\d_]+)*\.?", _usual_word, city) if city.isupper() else city
    return city + comma + region


def _usual_word(match: re.Match[str]) -> str:
    """Return one word of a place in its usual case; initials such as D.C. stay."""
    word = match[0]
    if re.fullmatch(r"(?:\w\.)+\w?\.?", word) or (match.start() == 0 and len(word) == 1):
        return word
    if match.start() and word.lower() in _SMALL:
        return word.lower()
    if re.match(r"\w['’]", word):
        return word[:3] + word[3:].lower()
    return word[0] + word[1:].lower()
