"""The lines under a title that name the writer, the outlet and the day: "By Jane Doe", "The Quay, March 6, 2023"."""

import re

from corpus.cleaning.dateline import CITIES, usual_case
from corpus.cleaning.written_dates import CLOCKS, DATE, TIME, iso_date
from corpus.dates.vocabulary import MONTHS, WEEKDAYS

_OUTLET_WORDS = frozenset(
    "advertiser advocate agency alerts argus bbc blade briefing broadcasting bulletin cbs chronicle citizen cnn "
    "courier daily democrat digest dispatch echo enquirer examiner express fm gazette globe guardian herald "
    "independent inquirer journal ledger mail magazine media mercury mirror monitor nbc network news newsletter "
    "newspaper newspapers newswire npr observer online pbs post press radio record recorder reformer register report "
    "republic republican reuters review sentinel standard star sun telegraph television times today tribune tv "
    "update upi voice weekly wire world".split()
)
SECTIONS = frozenset(
    "africa arts asia business city comment community culture economy education entertainment environment europe "
    "features finance health home international life lifestyle local money national news opinion politics region "
    "regional science sport sports tech technology travel video weather world".split()
)
"""Usual names of sections, in small letters."""
_GENERAL = frozenset(  # which by themselves name a section or a kind of text
    "breaking briefing bulletin business daily digest general global latest live local media morning news newsletter "
    "online press record release report review sport sports times today top update updates weekly world the".split()
)
_SMALL = frozenset("a and at de del der des di du et in la le of on the und van von y &".split())
_DOMAIN = re.compile(r"(?:[\w-]{2,40}\.){1,3}(?:com|org|net|news|tv|fm|example|[a-z]{2})", re.IGNORECASE)
_COUNTRY = re.compile(r"\s?\((?:[A-Z]{2,4}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)\)$")
_MOST_OUTLET_WORDS = 6
LONGEST_LINE = 220
_MOST_OTHER_WORDS = 3  # of an outlet or place beside a day that its words do not show to be one
_LABELLED_DATE = re.compile(
    r"[(\[]?(?:\b(?P<label>(?:this (?:article|story|post|page) (?:was |has been )?)?"
    r"(?:(?:first |last |originally |web )?(?:published|publish|publication|posted|updated?|modified|edited|created|"
    r"added|issued?|released?|filed|uploaded|submitted|dated|sent|ran|(?:print )?edition|(?:press |immediate )release)"
    r"(?: date| time)?|(?<!\w )date(?: (?:published|posted|created|of publication))?)"
    rf"(?: on| at| of)?)\s?:?\s?|\bon )?(?:(?:at )?(?:{TIME}|{CLOCKS}),?\s(?:on\s)?)?(?:the )?\b"
    rf"(?P<date>{DATE})(?![\w/])[)\]]?",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s*[|•·]\s*|\s+[-–—/]+\s+|\s+(?=leave a comment$)", re.IGNORECASE)
_OTHER_DAY = re.compile(r"\w+ed|born|died|due|by|until|.*\b(?:until|before|by)", re.IGNORECASE)  # of no publication
_BY = re.compile(
    r"(?:(?:written|reported|story|words|report|analysis|opinion|comment|commentary|column|posted|published|submitted|"
    r"compiled|article) )?by\b:?\s*",
    re.IGNORECASE,
)
_BY_ELSEWHERE = re.compile(r"(?:von|par|por|door|di|de|av|af|texte?:?|testo:?|texto:?)\b:?\s+", re.IGNORECASE)
_AND_ELSEWHERE = re.compile(r",\s*|\s+(?:und|et|y|e|en|och|og|&)\s+")
_REPORTED = re.compile(
    r"\(?(?:reporting|reported|writing|written) by (?P<names>[^;()]{4,120}?)(?: in [^;()]{3,60})?[;.)]*(?:;.{0,200})?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:author|byline|writer|reporter)s?\s?:\s*", re.IGNORECASE)
_HANDLE = re.compile(r"\(?(?:@\w{2,30}|[\w.+-]{1,40}@[\w-]{1,40}(?:\.[\w-]{1,20}){1,4})\)?")
_IGNORED = re.compile(
    r"\d{1,2} ?-?min(?:ute)?s?\.?(?: read)?|ist|edited by .{3,40}|share|print|"
    rf"(?:last )?(?:updated|published|posted)(?: at)?:?(?: {TIME}(?: [a-z]+day)?)?|"
    r"(?:posted |published )?by (?:admin|administrator|staff|editor|webmaster|guest|user)|"
    r"(?:leave a comment|\d{1,5}(?: comments?)?|(?:no|add a|add) comments?)|"
    r"(?:vol(?:ume|\.)? ?[\dIVXLC]+,? )?(?:no|issue|number)\.? ?[\d,]+|vol(?:ume|\.)? ?[\dIVXLC]+|"
    r"(?:(?:\w+['’]s|print|final|early|late|morning|evening|national|international) )+edition|"
    r"(?:press|news|media) release|"
    r"(?:on )?(?:page|pages|pg\.?|p\.) ?[A-Z]{0,2}\d{1,3}[A-Z]?|"
    r"\(?(?:(?:updated|published|posted):? )?(?:an?|\d{1,2}) (?:minute|min|hour|hr|day|week)s? ago\)?|timer?",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"(?:the )?(?:[\w.'’&-]+ ){0,3}(?:desk|staff|correspondents?|reporters?|bureau|agencies|monitoring|report|team|"
    r"(?:staff and |from .{1,40})?(?:wire|news|staff) (?:reports?|services?))|"
    r"(?:the )?(?:associated press|agence france-presse|reuters|afp|ap|app|pti|ians|ani|xinhua|bloomberg|cnn|bbc)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:[\w'’&-]+ ){0,4}(?:writer|correspondent|reporter|editor|press|reuters|columnist|analyst|contributor|afp|ap|"
    r"news|journalist|bureau chief|chief|producer|times|post|cnn|bbc|bloomberg|staff)",
    re.IGNORECASE,
)
_POSTS = frozenset(
    "analyst chief columnist contributor correspondent editor journalist producer reporter staff writer".split()
)
_PARTICLES = frozenset("de da di del della der den van von bin ibn al el la le dos ul ur e y ten ter".split())
_NO_NAMES = frozenset({*WEEKDAYS, *MONTHS})
_NO_WRITERS = frozenset(
    "news press release briefing report update updates daily weekly edition editorial opinion analysis live "
    "statement minutes letter day war attack attacks breaking today morning evening the a an this that from "
    "for with after before in on of is are was to at as election elections results meeting summit floods "
    "flood earthquake crisis talks timeline review week issue volume section page court case vs bill act "
    "budget parliament government president minister ministry police university college school festival "
    "conference championship cup league match final world national international "
    "has covers writes joined award awards".split()
)


def read_byline(line: str, *, under_title: bool = False) -> dict[str, str] | None:
    """Return the fields that a byline or date line tells, or None when the line, or any part of it, is something else.

    They are some of author, published, modified, place and source.

    under_title: whether it stands right below a title or a byline, where a name beside a day may be any outlet's or
    place's. A line that only says when the text was changed gives that day as both.
    """
    if len(line) > LONGEST_LINE:
        return None
    line = _HANDLE.sub("", line[1:-1] if line[:1] + line[-1:] in ("()", "[]") else line)
    dates = list(_LABELLED_DATE.finditer(line))
    published, modified = _days(dates)
    if len({match["date"] for match in dates if not match["label"]}) > 1:  # a span of days, or of a life
        return None
    fields: dict[str, str] = {}
    for piece in _SEPARATORS.split(_LABELLED_DATE.sub(" | ", line)):
        piece = piece.strip(" ,;-–—/")
        if any(map(str.isalnum, piece)) and not _note(piece, fields, dated=bool(dates), under_title=under_title):
            parts = [part.strip() for part in piece.split(",")]
            if not (
                dates and len(parts) > 1 and all(_note(p, fields, dated=True, under_title=under_title) for p in parts)
            ):
                return None
    fields |= {name: day for name, day in (("published", published or modified), ("modified", modified)) if day}
    return fields if "author" in fields or "published" in fields else None


def _note(piece: str, fields: dict[str, str], *, dated: bool, under_title: bool) -> bool:
    """Add to the fields whom or what a part of a byline names. False if it is not a part of one."""
    labels, piece = piece.endswith(":"), re.sub(r"^\((.*)\)$", r"\1", piece.rstrip(" :"))
    if _IGNORED.fullmatch(piece) or ("author" in fields and _ROLE.fullmatch(piece)):
        return True
    if (signed := _signed(piece)) and "author" not in fields:
        fields |= signed
        return True
    if not dated:
        return False
    words = re.sub(r"^(?:from|in|source:?|via) ", "", piece, flags=re.IGNORECASE)
    if piece in CITIES | {city.upper() for city in CITIES} and "place" not in fields:
        fields["place"] = usual_case(piece)
    elif is_outlet(words) and "source" not in fields and not _DESK.fullmatch(piece):
        fields["source"] = without_country(words)
    elif (is_name(piece) or _DESK.fullmatch(piece)) and "author" not in fields:
        fields["author"] = piece
    elif (
        "author" not in fields
        and "," not in piece
        and (signed := _signed(f"By {piece}"))
        and all(map(is_name, signed["author"].split(" and ")))
    ):
        fields |= signed
    else:
        short = is_capitalised(piece) and len(piece.split()) <= _MOST_OTHER_WORDS
        return under_title and short and not labels and not _OTHER_DAY.fullmatch(piece)
    return True


def signed_by(line: str) -> str | None:
    """Return the writers that a line of a page's head names: "Von Jana Muster · 5. März 2024", "By Jane Doe, Reuters".

    Beside English, "by" may be German, French, Spanish, Portuguese, Dutch, Italian or Scandinavian; whatever else the
    line says does not matter.
    """
    if len(line) > LONGEST_LINE:
        return None
    for piece in _SEPARATORS.split(_LABELLED_DATE.sub(" | ", line)):
        piece = piece.strip(" ,;:")
        if signed := _signed(piece):
            return signed["author"]
        if opening := _BY_ELSEWHERE.match(piece):
            writers = _AND_ELSEWHERE.split(piece[opening.end() :])
            if all(is_name(writer) for writer in writers):
                return ", ".join(writers)
    return None


def reported_by(line: str) -> str | None:
    """Return the writers that an agency names under its text: "(Reporting by Jane Doe; Editing by John Roe)"."""
    found = _REPORTED.fullmatch(line)
    if found is None:
        return None
    writers = [name for name in re.split(r",\s*(?:and\s+)?|\s+and\s+", found["names"]) if name]
    return ", ".join(writers) if writers and all(is_name(writer) for writer in writers) else None


def is_name(words: str) -> bool:
    """Return whether words look like the name of one person: two to four capitalised words, none of a headline."""
    parts = words.split()
    if not 2 <= len(parts) <= 5 or any(part.strip(".,").lower() in _NO_WRITERS for part in parts):
        return False
    capitalised = [part for part in parts if part.lower() not in _PARTICLES]
    return len(capitalised) >= 2 and all(
        re.fullmatch(r"[^\W\d_][^\W\d_.'’-]*(?:[.'’-][^\W\d_]*)*", p) and p[0].isupper() for p in capitalised
    )


def may_sign(words: str) -> bool:
    """Return whether what a page gives for a writer may be one: a name, a desk, or at most two words."""
    return is_name(words) or _DESK.fullmatch(words) is not None or 0 < len(words.split()) <= 2


def is_signature(line: str) -> bool:
    """Return whether a line might be a byline without its "By": one or more names, a desk, an agency.

    A name of four words and more is taken for a title in which every word is capitalised.
    """
    if len(line) > LONGEST_LINE:
        return False
    first = re.split(r",| and ", line, maxsplit=1)[0]
    return _DESK.fullmatch(line) is not None or (len(first.split()) < 4 and bool(_signed(f"By {line}")))


def _days(dates: list[re.Match[str]]) -> tuple[str | None, str | None]:
    """Return the day of publication and of the last change; a date that says neither is the day of publication."""
    published = modified = None
    for match in dates:
        label = (match["label"] or "").lower()
        day = iso_date(match["date"])
        if "updat" in label or "modified" in label:
            modified = modified or day
        else:
            published = published or day
    return published, modified


def _signed(piece: str) -> dict[str, str]:
    """Return the author and the place of "By Jane Doe and John Roe in London"; empty for other words."""
    opening = _BY.match(piece) or _LABEL.match(piece)
    if opening is None:
        return {}
    rest = re.sub(r"(?<!\b[JS]r)(?<!\b[A-Z])\.$", "", _HANDLE.sub("", piece[opening.end() :]).strip(" ,;:"))
    rest, _, place = rest.partition(" in ")
    if place and not (place[0].isupper() and len(place) <= 40):
        return {}
    places = {"place": place} if place else {}
    if _DESK.fullmatch(rest):
        return {"author": rest} | places
    parts = [part for part in re.split(r",\s*(?:and\s+)?|\s+(?:and|&)\s+", rest) if part]
    writers = [part for part in parts if _is_writer(part)]
    others = [part for part in parts if part not in writers and not _ROLE.fullmatch(part)]
    if not writers or others:
        return {}
    return {"author": ", ".join(writers[:-1]) + (" and " if len(writers) > 1 else "") + writers[-1]} | places


def _is_writer(words: str) -> bool:
    """Return whether words after "By" are a name: one capitalised word is enough, a weekday is not."""
    if _ROLE.fullmatch(words) and (not is_name(words) or words.split()[-1].lower() in _POSTS):
        return False
    return is_name(words) or (words.isalpha() and words[0].isupper() and words.lower() not in _NO_NAMES)


def is_outlet(words: str, *, alone: bool = False) -> bool:
    """Return whether a few words are an outlet's name by their form: "The ...", a newspaper's usual word, a domain.

    alone: whether nothing else on the line tells; "The ..." of more than two words may then be a headline.
    """
    plain = _COUNTRY.sub("", words)
    if _DOMAIN.fullmatch(plain):
        return True
    parts = plain.split()
    if not is_capitalised(plain):
        return False
    names = [part.strip(".,'’").lower() for part in parts]
    if _GENERAL.issuperset(names):
        return False
    return not _OUTLET_WORDS.isdisjoint(names) or (
        parts[0].lower() == "the" and 2 <= len(parts) <= (2 if alone else _MOST_OUTLET_WORDS)
    )


def is_capitalised(words: str) -> bool:
    """Return whether words are written as a name is: few, each with a capital but the small ones, none a number."""
    parts = words.split()
    if not 1 <= len(parts) <= _MOST_OUTLET_WORDS or words[-1] in ".!?;:" or "," in words:
        return False
    return all(part.lower() in _SMALL or part[0].isupper() for part in parts) and parts[-1].lower() not in _SMALL


def without_country(words: str) -> str:
    """Return an outlet's name without the country behind it: The Quay of "The Quay (UK)"."""
    return _COUNTRY.sub("", words)
