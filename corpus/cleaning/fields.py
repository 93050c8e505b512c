"""What a file says of its article in named fields: front matter, JSON, labelled lines at the top of a text."""

import re
from collections.abc import Mapping, Sequence

from corpus.cleaning.byline import is_name
from corpus.cleaning.clean import clean_line
from corpus.cleaning.rich_text import rich_text
from corpus.cleaning.written_dates import iso_date

# The usual names of each field, in order of preference, without case, spaces and punctuation; English ones first.
_NAMES = {
    "title": "title headline headlines head pagetitle articletitle articleheadline webtitle newstitle subject "
    "titel überschrift ueberschrift schlagzeile titre título titulo titular titolo",
    "source": "source outlet publisher publication newspaper site sitename website sourcename publishername provider "
    "quelle zeitung fuente fonte",
    "author": "author authors byline bylines creator writer reporter authorname credits "
    "autor autoren autorin verfasser auteur auteurs auteure autora autores autore autori",
    "published": "published date publishedat datepublished publisheddate publishdate publicationdate pubdate "
    "pubdatetime publishedon publishedtime articlepublishedtime firstpublished webpublicationdate publicationtime "
    "displaydate firstpublishdate datetime created createdat timestamp "
    "datum erscheinungsdatum veröffentlicht veroeffentlicht datepublication datedepublication fecha "
    "fechapublicacion fechadepublicación fechadepublicacion datapubblicazione datapublicação datapublicacao",
    "modified": "modified updated updatedat datemodified modifieddate lastmodified lastupdated lastmod "
    "articlemodifiedtime",
    "url": "url link canonicalurl canonical weburl articleurl sourceurl permalink lien enlace",
    "place": "place dateline location datelineplace ort lieu lugar luogo",
    "section": "section category articlesection sectionname desk ressort rubrik rubrique sección seccion sezione",
    "language": "language lang locale inlanguage sprache langue idioma lingua",
}
_TEXT_NAMES = (
    "text articlebody body content maintext articletext fulltext bodytext cleanedtext articlecontent paragraphs "
    "article story contenttext contenthtml contentencoded bodyhtml storytext newstext fullcontent rawtext plaintext "
    "html contentelements blocks inhalt artikeltext texte contenu texto contenido cuerpo testo "
    "contenuto conteúdo conteudo tekst"
).split()
# What a record says of its article in short: taken where the whole text is nowhere else.
_TEASER_NAMES = "leadparagraph description summary abstract excerpt teaser snippet".split()
# What holds the fields of an article in the answers of search engines and content systems, and what holds one value.
_WRAPPERS = frozenset("_source fields attributes metadata meta data article node properties document".split())
_VALUES = (
    "name",
    "title",
    "@value",
    "rendered",
    "main",
    "basic",
    "original",
    "value",
    "$date",
    "text",
    "html",
    "#text",
    "$t",
)
NOTHING_MAPPED: Mapping[str, str] = {}
_UNKNOWN = frozenset(("", "~", "-", "null", "none", "nan", "unknown", "n/a", "na", "undefined"))
_LONGEST_FIELD = 2_000
_MOST_AUTHORS = 50
_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
# What content systems put where nobody filled the field in.
_NO_WRITERS = frozenset(
    "admin administrator webmaster root user guest author anonymous unspecified unbekannt python-docx owner pc "
    "microsoft windows office template default".split()
)
_PLATFORMS = frozenset(("blogger", "wordpress", "wordpress.com", "squarespace", "wix.com", "joomla", "drupal"))
_NO_SECTION = re.compile(
    r"|post|posts|page|article|articles|all|home|homepage|uncategori[sz]ed|default|none|general|other|\S+\.\w{2,6}",
    re.IGNORECASE,
)
_POST = re.compile(r"\b(?:writer|editor|correspondent|reporter|columnist|contributor|analyst|bureau chief)s?$", re.I)
_MONTH_AT_END = re.compile(
    r"(?<=\w )(?:January|February|March|April|June|July|August|September|October|November|December)$"
)
_LANGUAGES = dict(
    pair.split("=")
    for pair in "english=en german=de french=fr spanish=es italian=it portuguese=pt dutch=nl danish=da swedish=sv "
    "norwegian=no finnish=fi polish=pl czech=cs russian=ru ukrainian=uk turkish=tr arabic=ar chinese=zh japanese=ja "
    "korean=ko hindi=hi urdu=ur persian=fa hebrew=he greek=el hungarian=hu romanian=ro indonesian=id".split()
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}|[A-Z][a-z]{3,20}")


def known_fields(record: Mapping[str, object], mapped: Mapping[str, str] = NOTHING_MAPPED) -> dict[str, str]:
    """Return what a record says of an article, by the names of `Article`; what is empty or unclear is left out.

    mapped: fields with the name that they have in the record; such a field is looked for under that name alone.
    """
    named = _by_plain_name(record)
    known: dict[str, str] = {}
    for field, names in _NAMES.items():
        if field in mapped:
            if value := _field(field, named_value(record, mapped[field])):
                known[field] = value
            continue
        for name in names.split():
            if name in named and (value := _field(field, named[name])):
                known[field] = value
                break
    return known


def field_of(label: str) -> str | None:
    """Return the field of `Article` that a label names, as `Byline` does `author`."""
    plain = plain_name(label)
    return next((field for field, names in _NAMES.items() if plain in names.split()), None)


def text_field(record: Mapping[str, object], mapped: Mapping[str, str] = NOTHING_MAPPED) -> str:
    """Return the text of a record, its paragraphs apart where it has a list of them; empty where it has none.

    mapped: with `text` in it, only what has that name is the text.
    """
    if "text" in mapped:
        return rich_text(named_value(record, mapped["text"]))
    named = _by_plain_name(record)
    found = (rich_text(named.get(name)) for name in (*_TEXT_NAMES, *_TEASER_NAMES))
    return next(filter(None, found), "")


def text_rank(name: str) -> int | None:
    """Return 0 for the name of a text, 1 for that of a teaser, None for another."""
    plain = plain_name(name)
    return 0 if plain in _TEXT_NAMES else 1 if plain in _TEASER_NAMES else None


def is_wrapper(name: str) -> bool:
    """Return whether the fields of an article, or the value of one field, are often found under this name."""
    return name.lower() in _WRAPPERS or name in _VALUES


def named_value(record: Mapping[str, object], name: str) -> object:
    """Return what a record has under a name, as written or without case and spaces; `a.b` is `b` of `a`."""
    if name in record:
        return record[name]
    named = {plain_name(key): value for key, value in record.items() if isinstance(key, str)}
    if plain_name(name) in named and "." not in name:
        return named[plain_name(name)]
    outer, dot, inner = name.partition(".")
    within = record.get(outer) if dot else None
    return named_value(within, inner) if isinstance(within, Mapping) else None


def _by_plain_name(record: Mapping[str, object]) -> dict[str, object]:
    """Return what a record has by plain names, what is wrapped in another object included; its own come first."""
    named: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(key, str) and isinstance(value, Mapping) and key.lower() in _WRAPPERS:
            named |= {plain_name(k): v for k, v in value.items() if isinstance(k, str)}
    own = {key: value for key, value in record.items() if isinstance(key, str) and value is not None}
    return named | {plain_name(key): value for key, value in own.items() if key != "_source"}


def plain_name(key: str) -> str:
    """Return a field name without case, spaces and punctuation, so that `Pub-Date` is `pubdate`."""
    return "".join(c for c in key[:60].lower() if c.isalnum())


def _field(field: str, value: object) -> str | None:
    """Return a field's value as `Article` wants it, or None."""
    if isinstance(value, Mapping) and isinstance(value.get("$date"), Mapping):  # MongoDB's: milliseconds since 1970
        value = value["$date"].get("$numberLong", "")
    if field == "author" and isinstance(value, Mapping) and "by" in value:  # {"by": [{"name": …}], "photos_by": …}
        value = value["by"]
    written = clean_line(_written(value)[:_LONGEST_FIELD])
    if written.lower() in _UNKNOWN:
        return None
    if field in ("published", "modified"):
        return iso_date(written)
    if field == "url":
        return written if _URL.fullmatch(written) else None
    if field == "language":
        written = _LANGUAGES.get(written.lower(), written)
        return re.split("[-_]", written)[0].lower() if _LANGUAGE.fullmatch(written) else None
    if field == "author":
        return writers(written)
    if field == "section":
        first = _written(value[0]) if isinstance(value, list) and value else written
        return None if _NO_SECTION.fullmatch(first.strip()) else clean_line(first) or None
    if field == "source":
        return None if written.lower() in _PLATFORMS else written.removeprefix("@")
    return written


def writers(written: str) -> str | None:
    """Return the writers of a byline: without "By", what stands after a bar, their posts, and what names no one."""
    names = re.sub(r"^by:?\s+", "", written, flags=re.IGNORECASE).partition(" | ")[0].strip(" ,;|")
    parts = [part.strip() for part in names.split(",")]
    kept = [part for part in parts if part and not _POST.search(part)]
    names = ", ".join(kept) if kept else names
    if names.lower().strip("()[]<> ") in _NO_WRITERS or ("@" in names and " " not in names):
        return None
    if names.isupper() and len(names.split()) > 1 and (len(names) > 8 or is_name(names)):
        names = names.title()
    return _MONTH_AT_END.sub("", names) or None


def _written(value: object) -> str:
    """Return a value as one string: a list's parts with commas, an object by its name."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping):
        return next((v for name in _VALUES if isinstance(v := value.get(name), str) and v.strip()), "")
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        parts = [part if isinstance(part, str) else _named(part) for part in value[:_MOST_AUTHORS]]
        return ", ".join(part.strip() for part in parts if part.strip())
    return ""


def _named(part: object) -> str:
    """Return the name of one part of a list, as `{"name": "Jane Doe"}` has it."""
    return _written(part) if isinstance(part, Mapping) else ""
