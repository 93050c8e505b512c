"""From raw text and named fields, or a record that holds both, to the article: the last step of every format.

What the fields leave open is read above the first sentence of the text: title, outlet, byline, day, dateline.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.byline import is_name, is_outlet, is_signature, read_byline, reported_by
from corpus.cleaning.clean import clean, clean_line, mended, paragraphs
from corpus.cleaning.dateline import read_dateline
from corpus.cleaning.fields import known_fields, text_field
from corpus.cleaning.written_dates import DATE, iso_date
from corpus.errors import ReadError

LONGEST_TITLE = 160
_FEWEST_TITLE_WORDS = 3  # one or two are a section's or an outlet's name
_MOST_TITLE_WORDS = 28
_MOST_QUESTION_WORDS = 14  # a longer question or exclamation is an article's first sentence
_SHORTEST_PARAGRAPH = 50  # characters of a real sentence below a title
_ZONE = 7  # paragraphs after the title among which byline and date are looked for
_LONGEST_STANDFIRST = 350  # characters; what is longer is the text
_LONGEST_IMPRINT = 150  # characters
_PRINTED = re.compile(
    r"(?:a version of )?(?:this (?:article|story|column|review) )?(?:was |has )?(?:originally |first )?"
    r"(?:published|appeared|appears|ran)(?: in print)?"
    r"(?: in (?:the print edition of )?(?P<source>(?-i:[A-Z])[\w.'’&-]*(?: [\w.'’&-]+){0,4}?))?"
    rf",?(?: (?:on|in) (?:the )?)? ?(?P<date>(?i:{DATE}))(?:,? (?:edition|issue|section|page|p\.).{{0,80}})?\.?",
    re.IGNORECASE,
)
_SLUG = re.compile(r"(?:BC|AM|PM)-{1,2}[\w.,'’& -]{2,80}(?:--|,| Ld\b|-Writethru)[\w.,'’& -]{0,60}")  # of wire copy
_SENT = re.compile(r"AP-W[A-Z]-(?P<month>\d\d)-(?P<day>\d\d)-(?P<year>\d\d) (?P<hour>\d\d)(?P<minute>\d\d)GMT")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*$")
_ABBREVIATION_END = re.compile(r"\b(?:[A-Z]\.){2,}[\"'”’]?$")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_LONGEST_UNSPACED = 50  # characters
_SPEAKER = re.compile(r"[A-Z][A-Z.' -]{1,40}: ")
_LABEL = re.compile(r"[A-Z][A-Z.'’ -]{2,40}(?::| [-–—]) ")

_NAMED_BY = ("id", "guid", "_id", "uid", "uuid")
_LONGEST_NAME = 200  # characters
_CUT = re.compile(r"\s*\[\+\d+ char(?:acter)?s\]\s*$")  # where NewsAPI cuts a text


def assemble(text: str, known: Mapping[str, str], *, where: str, find_title: bool) -> Article:
    """Return the article of a raw text and the fields known of it; what they leave open is read from the text's top.

    `find_title` says that the text may open with its own title. Raises ReadError when no word of an article is left.
    """
    cleaned = clean(mended(text))
    known = {name: mended(value) for name, value in known.items()}
    title, source = known.get("title"), known.get("source")
    if title and source:
        title = _without_site(title, source)
        known = {**known, "title": title}
    heading = read_heading(paragraphs(cleaned), title=title if title or find_title else "", author=known.get("author"))
    body = "\n\n".join(heading.paragraphs)
    if not any(c.isalnum() for c in body):
        why = "the file is empty" if not text.strip() else "it has no words of an article in it"
        raise ReadError(where, f"{why}: check that it is the right file")
    found = {name: clean_line(value) for name, value in heading.known.items()}
    if found.get("author", "").isupper() and " " in found["author"]:
        found["author"] = found["author"].title()
    if "author" not in found and "author" not in known and (reported := reported_by(heading.paragraphs[-1])):
        found["author"] = reported
    fields: dict[str, Any] = found | dict(known)
    return Article(text=body, **fields)


def complete(article: Article, properties: Mapping[str, str]) -> Article:
    """Return the article with what a file's own properties say where its pages say nothing.

    They come last, since the title and writer of a Word or PDF file are often those of a template or a machine. A title
    that is taken from them leaves the text where it opens with it.
    """
    missing: dict[str, Any] = {
        name: clean_line(value) for name, value in properties.items() if getattr(article, name) is None
    }
    title = missing.get("title", "")
    text = article.text.removeprefix(f"{title}\n\n") if title else article.text
    return replace(article, text=text, **missing) if missing else article


def _without_site(title: str, source: str) -> str:
    """Return a title without the site's name after a dash or bar."""
    head, separator, tail = title.rpartition(" | ") if " | " in title else title.rpartition(" - ")
    words = re.findall(r"\w+", tail.lower())
    return head if separator and head and words and words == re.findall(r"\w+", source.lower()) else title


def article_of(record: Mapping[str, object], *, where: str, mapped: Mapping[str, str]) -> Article:
    """Return the article of a record, its `path` being # and what tells the record from the others of its file.

    mapped: fields with the names that they have in the record. Raises ReadError for a record without a text.
    """
    body = text_field(record, mapped)
    body = _CUT.sub("", body)
    if not body:
        named = f"{mapped['text']} (as --map says)" if "text" in mapped else "text (or body, content, articleBody)"
        raise ReadError(where, f"no field {named} with words in it: add one, or name yours with --map text=NAME")
    if len(body) > MAX_BYTES:
        raise ReadError(
            where, f"its text is larger than {MAX_BYTES // 1_000_000} MB, too large for one article: split it"
        )
    article = assemble(body, known_fields(record, mapped), where=where, find_title=False)
    return replace(article, path=f"#{_name(record, body)}")


def _name(record: Mapping[str, object], body: str) -> str:
    """Return what names the record: its id, else a hash of its text."""
    for key in _NAMED_BY:
        given = record.get(key)
        if isinstance(given, str | int) and str(given).strip():
            return str(given).strip()[:_LONGEST_NAME]
    return hashlib.sha256(body.encode("utf-8", errors="replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Heading:
    """The fields of `Article` that the text itself told, and the paragraphs that are the text."""

    known: dict[str, str]
    paragraphs: list[str]


def read_heading(paragraphs: list[str], *, title: str | None, author: str | None = None) -> Heading:
    """Return what the paragraphs at the top (and a "Published in" line at the end) tell.

    The title, byline and date lines leave the text; the standfirst and the dateline stay in it. With `title`, which is
    known already, the first paragraph leaves the text only when it repeats it; so does a line that repeats `author`.
    """
    known: dict[str, str] = {}
    rest = list(paragraphs)
    _take_imprint(rest, known)
    if len(rest) > 2 and _SLUG.fullmatch(rest[0]):
        rest.pop(0)
    _take_lines_above_title(rest, known)
    if title is not None:
        if len(rest) > 1 and _same(rest[0], title):
            rest.pop(0)
    elif is_title(rest):
        known["title"] = rest.pop(0).removeprefix("# ")
    if author is not None:
        rest[:_ZONE] = [line for line in rest[:_ZONE] if not _same(line, author)] if len(rest) > 1 else rest[:_ZONE]
    rest = _take_bylines(rest, known)
    _take_dateline(rest, known)
    return Heading(known=known, paragraphs=rest)


def is_title(paragraphs: list[str]) -> bool:
    """Return whether the first paragraph is a title: short, not a sentence with its full stop, above a real text."""
    if len(paragraphs) < 2:
        return False
    first, following = paragraphs[0], paragraphs[1 : _ZONE + 2]
    words = len(first.split())
    most = _MOST_QUESTION_WORDS if first.endswith(("?", "!")) else _MOST_TITLE_WORDS
    if _UNSPACED.search(first):  # a script without blanks between words
        return len(first) <= _LONGEST_UNSPACED and first[-1] not in "。！？：、" and any("。" in p for p in following)
    if len(first) > LONGEST_TITLE or not _FEWEST_TITLE_WORDS <= words <= most:
        return False
    opening = first.lstrip("#\"'“‘ ")[:1]
    begins = opening.isupper() or first[0].isdigit() or (opening.isalpha() and opening.lower() == opening.upper())
    if not begins or first.endswith((":", ";", ",", "…", "-", "—")):
        return False
    if first.endswith((".", '."', ".”")) and not _ABBREVIATION_END.search(first):
        return False
    if first.startswith(("- ", "• ", "* ", "http://", "https://")) or _SPEAKER.match(first):
        return False
    if is_signature(first) or read_byline(first) is not None or read_dateline(first) is not None:
        return False
    return any(
        len(p) > _SHORTEST_PARAGRAPH and len(p) > len(first) * 0.8 and _SENTENCE_END.search(p) for p in following
    )


def _take_lines_above_title(paragraphs: list[str], known: dict[str, str]) -> None:
    """Take the outlet and the day that stand above the title, each on a line of its own or both on one."""
    if len(paragraphs) > 3 and is_outlet(paragraphs[0], alone=True) and _is_day(read_byline(paragraphs[1])):
        _add(known, {"source": paragraphs.pop(0)})
    if len(paragraphs) > 2 and (first := read_byline(paragraphs[0])) is not None and _is_day(first):
        _add(known, first)
        paragraphs.pop(0)


def _is_day(byline: Mapping[str, str] | None) -> bool:
    return byline is not None and "author" not in byline


def _take_bylines(paragraphs: list[str], known: dict[str, str]) -> list[str]:
    """Return the paragraphs without those near the top that are bylines or dates, which go into `known`."""
    kept: list[str] = []
    index = 0
    while index < min(len(paragraphs) - 1, _ZONE) and len(kept) < 3:
        line, following = paragraphs[index], paragraphs[index + 1]
        below = read_byline(following, under_title=not kept)
        if line.lower().rstrip(":") == "by" and is_name(following):
            _add(known, {"author": following})
            index += 2
            continue
        byline = read_byline(line, under_title=not kept)
        if byline is not None:
            _add(known, byline)
        elif printed := _printed(line):
            _add(known, printed)
        elif "author" in known and not kept and is_outlet(line, alone=True):
            _add(known, {"source": line})
        elif _is_day(below) and is_name(line):
            _add(known, {"source" if is_outlet(line, alone=True) else "author": line})
        elif read_dateline(line) is not None or len(line) > _LONGEST_STANDFIRST:
            break
        else:
            kept.append(line)
        index += 1
    return kept + paragraphs[index:]


def _take_dateline(paragraphs: list[str], known: dict[str, str]) -> None:
    """Note the place of the dateline; one that stands alone joins the paragraph below it."""
    labelled = sum(_LABEL.match(p) is not None for p in paragraphs) > 1  # speakers of a transcript, points of a list
    for index, paragraph in enumerate(paragraphs[:4]):
        dateline = read_dateline(paragraph)
        if dateline is None or (labelled and not dateline.sure):
            continue
        _add(known, {"place": dateline.place, "published": dateline.published})
        if dateline.alone and index + 1 < len(paragraphs):
            paragraphs[index : index + 2] = [f"{paragraph} {paragraphs[index + 1]}"]
        return


def _take_imprint(paragraphs: list[str], known: dict[str, str]) -> None:
    """Take a line such as "Published in The Daily Gazette, March 6th, 2023." or AP's of sending from the text's end."""
    for index in range(len(paragraphs) - 1, max(len(paragraphs) - 4, 0), -1):
        printed = _printed(paragraphs[index])
        if sent := _SENT.fullmatch(paragraphs[index]):
            century = "19" if sent["year"] > "69" else "20"
            day = f"{century}{sent['year']}-{sent['month']}-{sent['day']}"
            printed = {"published": iso_date(f"{day}T{sent['hour']}:{sent['minute']}:00Z")}
        if printed:
            _add(known, printed)
            del paragraphs[index]
            return
    last = read_byline(paragraphs[-1].strip("()[]–— ")) if len(paragraphs) > 1 else None
    if last is not None and {"source", "published"} <= last.keys():
        _add(known, last)
        paragraphs.pop()


def _printed(line: str) -> dict[str, str | None]:
    """Return outlet and day of a line such as "Published in The Daily Gazette, March 6th, 2023"; empty for others."""
    match = _PRINTED.fullmatch(line) if len(line) <= _LONGEST_IMPRINT else None
    return {"source": match["source"], "published": iso_date(match["date"])} if match else {}


def _add(known: dict[str, str], found: Mapping[str, str | None]) -> None:
    """Note what was found and is not known yet."""
    for name, value in found.items():
        if value and name not in known:
            known[name] = value


def _same(paragraph: str, title: str) -> bool:
    """Return whether a paragraph repeats the title, up to case, spacing and punctuation."""
    return re.findall(r"\w+", paragraph[:500].lower()) == re.findall(r"\w+", title.lower())
