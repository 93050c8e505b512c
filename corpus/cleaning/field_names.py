"""The names under which files keep the fields of an article: those of people, databases, crawlers and news APIs.

A name is compared without case, spaces and punctuation. One that is not in the lists may be put together from one that
is: `article_title`, `og:site_name`, `story-text`, `language_code`.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

# The usual names of each field, in order of preference; English ones first, the hosts that stand for outlets last.
NAMES = {
    "title": "title headline headlines head pagetitle articletitle articleheadline webtitle newstitle subject "
    "titlepage titlerss titel überschrift ueberschrift schlagzeile titre título titulo titular titolo",
    "source": "source outlet publisher publication newspaper site sitename website sourcename publishername provider "
    "namesource paper containertitle publicationtitle websitetitle blogtitle sourcecommonname medianame mediaoutlet "
    "quelle zeitung fuente fonte sourcehostname hostname "
    "v2sourcecommonname sourcedomain domain domainname canonicaldomain cleanurl sitefull host",
    "author": "author authors creators byline bylines creator writer writers reporter reporters authorname credits "
    "authorsbyline autor autoren autorin verfasser auteur auteurs auteure autora autores autore autori",
    "published": "published datetimepub date publishedat datepublished publisheddate publishdate publicationdate "
    "publishingdate pubdate pubdatetime publishedon publishedtime articlepublishedtime publicationdatetime "
    "firstpublished webpublicationdate publicationtime datepublish datepublication dateposted dateissued "
    "posteddate postedat posttime publishtime publishedutc displaydate firstpublishdate releasedate issuedate issued "
    "datetime created createdat createdutc timestamp seendate v21date datum erscheinungsdatum veröffentlicht "
    "veroeffentlicht datepublication datedepublication fecha fechapublicacion fechadepublicación fechadepublicacion "
    "datapubblicazione datapublicação datapublicacao",
    "modified": "modified updated updatedat datemodified modifieddate lastmodified lastupdated lastmod "
    "articlemodifiedtime datemodify dateupdated updateddate updatedate updatetime lastupdate modificationdate "
    "modificationdatetime lastmodifieddate",
    "url": "url link canonicalurl canonical weburl articleurl sourceurl permalink canonicallink pageurl "
    "resolvedpageurl respondedurl requestedurl documentidentifier v2documentidentifier href lien enlace",
    "place": "place dateline location datelineplace ort lieu lugar luogo",
    "section": "section category articlesection sectionname sectiontitle desk ressort rubrik rubrique sección seccion "
    "sezione",
    "language": "language lang locale inlanguage humanlanguage sprache langue idioma lingua",
}
TEXT_NAMES = (
    "text articlebody body content maintext articletext fulltext bodytext cleanedtext articlecontent paragraphs "
    "article story contenttext contenthtml contentencoded bodyhtml storytext newstext fullcontent textcontent rawtext "
    "plaintext html contentelements blocks inhalt artikeltext texte contenu texto contenido cuerpo testo "
    "contenuto conteúdo conteudo tekst"
).split()
# What a record says of its article in short: taken where the whole text is nowhere else.
TEASER_NAMES = (
    "leadparagraph description shortdescription summary abstract abstractnote excerpt teaser snippet openingtext"
).split()
# What holds the fields of an article in the answers of search engines and content systems, and what holds one value.
WRAPPERS = frozenset(
    "_source fields attributes metadata meta data article node properties document thread links".split()
)
VALUES = tuple("name title @value rendered main basic original value $date text html #text $t".split())

# What a program puts before or behind a field's own name.
_BEFORE = tuple(
    "article news story item document doc entry page post web content meta og raw full clean cleaned extracted parsed "
    "original".split()
)
_BEHIND = {
    "title": "text clean raw full", "source": "name title", "author": "name names list", "section": "name",
    "published": "time utc gmt iso local parsed timestamp", "modified": "time utc gmt iso local parsed timestamp",
    "url": "canonical original final", "place": "name", "language": "code iso", "text": "text clean cleaned raw full",
}  # fmt: skip
_EXACT = {name: field for field, names in reversed(NAMES.items()) for name in names.split()}


@lru_cache(4096)
def field_of(label: str) -> str | None:
    """Return the field of `Article` that a label names, as "Byline" does `author`."""
    plain = plain_name(label)
    return _EXACT.get(plain) or next((field for p in _shorter(plain) if (field := _EXACT.get(p))), None)


@lru_cache(4096)
def text_rank(name: str) -> int | None:
    """Return 0 for the name of a text, 1 for that of a teaser, None for another."""
    plain = plain_name(name)
    if plain in TEXT_NAMES or plain in TEASER_NAMES or plain in _EXACT:
        return 0 if plain in TEXT_NAMES else 1 if plain in TEASER_NAMES else None
    shorter = list(_shorter(plain))
    if any(p in TEXT_NAMES for p in shorter):
        return 0
    return 1 if any(p in TEASER_NAMES for p in shorter) else None


def in_order_of(field: str, named: Mapping[str, object]) -> Iterator[str]:
    """Yield those names of a record that name a field, best first. named: what the record has by plain names."""
    usual = NAMES[field].split()
    yield from (name for name in usual if name in named)
    yield from (name for name in named if name not in _EXACT and field_of(name) == field and text_rank(name) is None)


def texts_in_order(named: Mapping[str, object]) -> Iterator[str]:
    """Yield those names of a record that name its text, then those of a teaser, best first."""
    usual = (TEXT_NAMES, TEASER_NAMES)
    for rank, names in enumerate(usual):
        yield from (name for name in names if name in named)
        yield from (name for name in named if name not in names and text_rank(name) == rank)


def is_wrapper(name: str) -> bool:
    """Return whether the fields of an article, or the value of one field, are often found under this name."""
    return name.lower() in WRAPPERS or name in VALUES


def plain_name(key: str) -> str:
    """Return a field name without case, spaces and punctuation, so that `Pub-Date` is `pubdate`."""
    return "".join(c for c in key[:60].lower() if c.isalnum())


def _shorter(plain: str) -> Iterator[str]:
    """Yield a plain name without what programs put before or behind it, where what is left is a name of its own."""
    for before in _BEFORE:
        if plain.startswith(before) and plain != before:
            yield plain.removeprefix(before)
    for field, endings in _BEHIND.items():
        names = TEXT_NAMES if field == "text" else NAMES[field].split()
        for ending in endings.split():
            if plain.endswith(ending) and plain.removesuffix(ending) in names:
                yield plain.removesuffix(ending)
