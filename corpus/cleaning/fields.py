"""What a file says of its article in named fields: front matter, JSON, labelled lines at the top of a text."""

import ast
import json
import re
from collections.abc import Mapping, Sequence

from corpus.cleaning.byline import is_name
from corpus.cleaning.clean import clean_line
from corpus.cleaning.field_names import (
    NAMES,
    VALUES,
    WRAPPERS,
    field_of,
    in_order_of,
    plain_name,
    text_rank,
    texts_in_order,
)
from corpus.cleaning.written_dates import iso_date
from corpus.dates.vocabulary import MONTHS

_WITHIN = tuple("content children blocks nodes data body document root items sections paragraphs".split())
_WORDS = tuple("rendered main basic original value text html bodyHtml bodyTextSummary #text $t content".split())
_NO_WORDS = frozenset(
    "image picture photo figure video audio podcast embed embedded iframe gallery slideshow ad advert advertisement "
    "newsletter related interstitial social tweet instagram youtube map script style divider delimiter reference "
    "button form poll".split()
)
_KIND_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_INLINE = frozenset("text span link hyperlink entry-hyperlink a strong em b i mark inline textnode".split())
_DEEPEST = 40  # nodes within each other


def rich_text(value: object, *, own: bool = False) -> str:
    """Return the text of a value: itself, a list's paragraphs, or the words of a tree of nodes; empty without any.

    own: what holds articles has no text of its own.
    """
    return "" if own and _are_articles(value) else _joined(value, _DEEPEST, top=True, own=own).strip()


def _are_articles(value: object) -> bool:
    """Return whether a value holds an article or more, with a title or day and a text, not the nodes of one text."""
    return any(
        isinstance(each, Mapping)
        and any(field_of(name) in ("title", "published") for name in each)
        and any(text_rank(name) == 0 for name in each)
        for each in (value if isinstance(value, list) else [value])
    )


def _joined(value: object, deepest: int, *, top: bool = False, own: bool) -> str:
    """Return a value's words: a list's parts as paragraphs, but together where they are stretches of one paragraph."""
    if isinstance(value, str):
        return value
    if deepest == 0:
        return ""
    if isinstance(value, Mapping):
        return _of_node(value, deepest, own=own)
    if not isinstance(value, list):
        return ""
    parts = [_joined(part, deepest - 1, own=own) for part in value if not isinstance(part, list)]
    inline = not top and all(isinstance(part, Mapping) and _kind(part).lower() in _INLINE | {""} for part in value)
    return "".join(parts) if inline else "\n\n".join(part for part in parts if part.strip())


def _of_node(node: Mapping[str, object], deepest: int, *, own: bool) -> str:
    """Return the words of a node: of what it holds, else its own."""
    kind = _kind(node)
    if not _NO_WORDS.isdisjoint(part.lower() for part in _KIND_PART.findall(kind)):
        return ""
    for name in _WITHIN:
        inner = node.get(name)
        if not isinstance(inner, list | Mapping) or (own and name != "sections" and _are_articles(inner)):
            continue  # the sections of a text, as news crawlers keep it, have titles and texts of their own
        if (words := _joined(inner, deepest - 1, own=own)).strip():
            return words
    return next((text for name in _WORDS if isinstance(text := node.get(name), str) and text.strip()), "")


def _kind(node: Mapping[str, object]) -> str:
    """Return what a node says that it is."""
    for name in ("_type", "nodeType", "type", "kind", "__typename", "component"):
        if isinstance(kind := node.get(name), str):
            return kind
    return ""


NOTHING_MAPPED: Mapping[str, str] = {}
_UNKNOWN = frozenset(("", "~", "-", "null", "none", "nan", "unknown", "n/a", "na", "undefined"))
_LONGEST_FIELD = 2_000  # characters
_MOST_AUTHORS = 50
_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_HOST = re.compile(r"(?:https?://)?(?:www\.)?(?P<host>(?:[\w-]+\.)+[a-z]{2,})/?", re.IGNORECASE)
_ADDRESS = re.compile(  # of a writer's mail or account, beside the name
    r"\s?[(<\[]?(?:e-?mail:? ?|mailto:)?[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,20}){1,4}[)>\]]?"
    r"|\s[(<\[]?@\w{2,30}[)>\]]?",
    re.IGNORECASE,
)
_LONGEST_LITERAL = 1_000_000  # characters
# What content systems put where nobody filled the field in.
_NO_WRITERS = frozenset(
    "admin administrator webmaster root user guest author anonymous unspecified unbekannt python-docx owner pc "
    "microsoft windows office template default calibre".split()
)
_PLATFORMS = frozenset(("blogger", "wordpress", "wordpress.com", "squarespace", "wix.com", "joomla", "drupal"))
_NO_SECTION = re.compile(
    r"|post|posts|page|article|articles|all|home|homepage|uncategori[sz]ed|default|none|general|other|\S+\.\w{2,6}",
    re.IGNORECASE,
)
_POST = re.compile(r"\b(?:writer|editor|correspondent|reporter|columnist|contributor|analyst|bureau chief)s?$", re.I)
_MONTH_AT_END = re.compile(rf"(?<=\w )(?:{'|'.join(month.capitalize() for month in MONTHS if month != 'may')})$")
_LANGUAGE = re.compile(r"[A-Za-z]{2}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def known_fields(record: Mapping[str, object], mapped: Mapping[str, str] = NOTHING_MAPPED) -> dict[str, str]:
    """Return what a record says of an article, by the names of `Article`; what is empty or unclear is left out.

    mapped: fields with the name that they have in the record; such a field is looked for under that name alone.
    """
    by_name = _by_plain_name(record)
    known: dict[str, str] = {}
    for field in NAMES:
        name = mapped.get(field)
        values = [named_value(record, name)] if name else [by_name[name] for name in in_order_of(field, by_name)]
        if found := next(filter(None, (_field(field, value) for value in values)), None):
            known[field] = found
    if "url" not in known and "url" not in mapped and (address := _field("url", by_name.get("source"))):
        known["url"] = address  # trafilatura's JSON has it there
    return known


def text_field(record: Mapping[str, object], mapped: Mapping[str, str] = NOTHING_MAPPED) -> str:
    """Return the text of a record, its paragraphs apart where it has a list of them; empty where it has none.

    mapped: with `text` in it, only what has that name is the text.
    """
    if "text" in mapped:
        return rich_text(named_value(record, mapped["text"]))
    by_name = _by_plain_name(record)
    found = (rich_text(_unpacked(by_name[name])) for name in texts_in_order(by_name))
    return next(filter(None, found), "")


def own_text(record: Mapping[str, object], mapped: Mapping[str, str]) -> tuple[str, int]:
    """Return the text that an object has itself, not in another one that wraps it, and 1 where it is only a teaser.

    A list of articles under the name of a text is not its text: this is how the articles of a JSON file are found.
    """
    if "text" in mapped:
        return text_field(record, mapped), 0
    by_name = {plain_name(name): value for name, value in record.items()}
    found = ((rich_text(_unpacked(by_name[name]), own=True), text_rank(name) or 0) for name in texts_in_order(by_name))
    return next((pair for pair in found if pair[0]), ("", 1))


def named_value(record: Mapping[str, object], name: str) -> object:
    """Return what a record has under a name, as written or without case and spaces; `a.b` is `b` of `a`."""
    if name in record:
        return record[name]
    by_name = {plain_name(key): value for key, value in record.items() if isinstance(key, str)}
    if plain_name(name) in by_name and "." not in name:
        return by_name[plain_name(name)]
    outer, dot, inner = name.partition(".")
    within = record.get(outer) if dot else None
    return named_value(within, inner) if isinstance(within, Mapping) else None


def _by_plain_name(record: Mapping[str, object]) -> dict[str, object]:
    """Return what a record has by plain names, what is wrapped in another object included; its own come first."""
    by_name: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(key, str) and isinstance(value, Mapping) and key.lower() in WRAPPERS:
            by_name |= {plain_name(k): v for k, v in value.items() if isinstance(k, str)}
    own = {key: value for key, value in record.items() if isinstance(key, str) and value is not None}
    by_name |= {plain_name(key): value for key, value in own.items() if key != "_source"}
    if isinstance(embedded := record.get("_embedded"), Mapping):  # WordPress: whom and what the record has as numbers
        terms = embedded.get("wp:term")
        section = terms[0] if isinstance(terms, list) and terms else None
        by_name |= {"author": embedded.get("author"), "section": section}
    return by_name


def _field(field: str, value: object) -> str | None:
    """Return a field's value as `Article` wants it, or None."""
    value = _unpacked(value) if field != "title" else value
    if isinstance(value, Mapping) and isinstance(value.get("$date"), Mapping | int):  # MongoDB's: ms since 1970
        value = value["$date"].get("$numberLong", "") if isinstance(value["$date"], Mapping) else value["$date"]
    if field == "author" and isinstance(value, Mapping) and "by" in value:  # {"by": [{"name": …}], "photos_by": …}
        value = value["by"]
    written = clean_line(_written(value)[:_LONGEST_FIELD])
    if written.lower() in _UNKNOWN:
        return None
    if field in ("published", "modified"):
        return iso_date(written)
    if field == "url":
        return written if _URL.fullmatch(written) else None
    if field == "language":  # without a code of two letters the text tells it
        return written[:2].lower() if _LANGUAGE.fullmatch(written) else None
    if field == "author":
        return writers(written)
    if field == "section":
        first = _written(value[0]) if isinstance(value, list) and value else written
        return None if _NO_SECTION.fullmatch(first.strip()) else clean_line(first) or None
    if field == "source":
        if host := _HOST.fullmatch(written):
            return host["host"]
        return None if written.lower() in _PLATFORMS or _URL.fullmatch(written) else written.removeprefix("@")
    return written


def writers(written: str) -> str | None:
    """Return the writers of a byline: without "By", what stands after a bar, their posts, and what names no one."""
    names = re.sub(r"^by:?\s+", "", _ADDRESS.sub(" ", written), flags=re.IGNORECASE).partition(" | ")[0].strip(" ,;|")
    parts = [part.strip() for part in names.split(",")]
    kept = [part for part in parts if part and not _POST.search(part)]
    names = ", ".join(kept) if kept else names
    if names.lower().strip("()[]<> ") in _NO_WRITERS or names.isdigit() or ("@" in names and " " not in names):
        return None
    if names.isupper() and len(names.split()) > 1 and (len(names) > 8 or is_name(names)):
        names = names.title()
    return _MONTH_AT_END.sub("", names) or None


def _unpacked(value: object) -> object:
    """Return the list or object of a value that a table keeps as it was printed: "['Jane Doe', 'John Roe']"."""
    if not isinstance(value, str) or value[:2] not in ("['", '["', "{'", '{"', "[{") or len(value) > _LONGEST_LITERAL:
        return value
    if not value.rstrip().endswith(("]", "}")):
        return value
    for load in (json.loads, ast.literal_eval):
        try:
            return load(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    return value


def _written(value: object) -> str:
    """Return a value as one string: a list's parts with commas, an object by its name."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping):
        if isinstance(value.get("date-parts"), list):  # CSL JSON: [[2021, 5, 3]]
            return "-".join(f"{part!s:0>2}" for part in next(iter(value["date-parts"]), []))
        if family := value.get("family") or value.get("lastName"):  # of CSL JSON and Zotero
            return f"{value.get('given') or value.get('firstName') or ''} {family}".strip()
        return next((v for name in VALUES if isinstance(v := value.get(name), str) and v.strip()), "")
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        parts = [_written(part) for part in value[:_MOST_AUTHORS] if isinstance(part, str | Mapping)]
        return ", ".join(part.strip() for part in parts if part.strip())
    return ""
