"""What a web page says of its article in its own data: JSON-LD first, then meta elements such as OpenGraph's."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from lxml.html import HtmlElement

from corpus.cleaning.byline import SECTIONS, is_name, signed_by
from corpus.cleaning.fields import known_fields
from corpus.readers.xml_stream import words_of

_ARTICLE_TYPES = re.compile(r"(?:[A-Za-z]*(?:Article|Posting|Blog)|Report|WebPage)$")
_MOST_NODES = 5_000  # of a page's JSON-LD; more is no description of an article
# For each field the names of meta elements that give it, best first. The outlet is the site's name.
_META = {
    "title": "og:title twitter:title parsely-title sailthru.title dc.title citation_title headline",
    "source": "og:site_name application-name publisher dc.publisher parsely-site citation_journal_title",
    "author": "author article:author parsely-author sailthru.author byl dc.creator citation_author cxenseparse:author",
    "published": "article:published_time og:published_time datepublished date parsely-pub-date sailthru.date pubdate "
    "publishdate publish-date dc.date.issued dc.date dcterms.created citation_publication_date article.published",
    "modified": "article:modified_time og:updated_time datemodified last-modified dcterms.modified article.updated",
    "url": "og:url parsely-link twitter:url",
    "section": "article:section parsely-section section",
    "language": "og:locale language content-language dc.language",
}


_FEWEST_TITLE_WORDS, _MOST_SITE_WORDS = 2, 6


def page_fields(tree: HtmlElement) -> dict[str, str]:
    """Return the fields of `Article` that the page's data gives."""
    known: dict[str, str] = {}
    for found in (_linked_data(tree), _meta(tree), _links(tree)):
        known = found | known
    if headline := _headline(tree, known.get("title", "")):
        known["title"] = headline
    if "author" in known:
        known["author"] = _people(known["author"], known.get("source", ""))
        known = {name: value for name, value in known.items() if value}
    return known


def site_in_title(tree: HtmlElement, title: str) -> str | None:
    """Return what follows the article's own title in the name of the page in the browser: "Title | The Post".

    Where several follow ("Title - Sport - The Post") it is the last. A section's name does not count.
    """
    page = " ".join((tree.findtext(".//title") or "").split())
    headings = {words_of(heading) for heading in tree.iter("h1")}
    for own in sorted({title, *headings}, key=len, reverse=True):
        if len(own.split()) >= _FEWEST_TITLE_WORDS and page.startswith(own):
            *_, last = re.split(r" [|–—·-] ", page.removeprefix(own))
            if last != page.removeprefix(own) and 1 <= len(last.split()) <= _MOST_SITE_WORDS:
                return None if last.lower() in SECTIONS else last
    return None


def _people(author: str, source: str) -> str:
    """Return a byline without the outlet, and without degrees and the like where there are names; empty if none is.

    A page without a byline often has the outlet's name there.
    """
    parts = [part.strip() for part in re.split(r",| - | – ", author) if part.strip()]
    own = [part for part in parts if part.lower() not in source.lower()]
    people = [part for part in own if any(map(is_name, re.split(r" (?:and|&) ", part)))]
    return ", ".join(dict.fromkeys(people or own))


def _headline(tree: HtmlElement, title: str) -> str | None:
    """Return the page's heading where its data has another title, as for lists and searches, and all else agrees.

    All else: there is one such heading, and the name of the page in the browser begins with it.
    """
    headings = {words_of(heading) for heading in tree.iter("h1")}
    page = " ".join((tree.findtext(".//title") or "").split())
    if title in headings or not title:
        return None
    agreeing = [heading for heading in headings if len(heading.split()) >= 3 and page.startswith(heading)]
    return agreeing[0] if len(agreeing) == 1 else None


def must_be_paid(tree: HtmlElement) -> bool:
    """Return whether the page's data says that the article is not free to read."""
    names = ("isAccessibleForFree", "isaccessibleforfree", "free_access")
    linked = [node[name] for node in linked_nodes(tree) for name in names if name in node and _is_article(node)]
    metas = tree.xpath('.//meta[@property="article:content_tier" or @name="article:content_tier"]/@content')
    marked = tree.xpath('.//meta[@itemprop="isAccessibleForFree"]/@content')
    return any(str(value).lower() == "false" for value in [*linked, *marked]) or any(
        tier.lower() in ("locked", "metered") for tier in metas
    )


def linked_text(tree: HtmlElement) -> str:
    """Return the article's text as the page's JSON-LD has it; empty where it has none."""
    bodies = [node["articleBody"] for node in linked_nodes(tree) if isinstance(node.get("articleBody"), str)]
    return max(map(str, bodies), key=len, default="")


def _linked_data(tree: HtmlElement) -> dict[str, str]:
    """Return the fields of the JSON-LD node that describes the article best: one with a headline, then any other."""
    articles = [node for node in linked_nodes(tree) if _is_article(node)]
    articles.sort(key=lambda node: -sum(key in node for key in ("headline", "datePublished", "author", "publisher")))
    if not articles or "headline" not in articles[0]:
        return {}
    node = articles[0]
    names = ("headline", "author", "publisher", "datePublished", "dateModified", "articleSection", "inLanguage", "url")
    record = {name: node[name] for name in (*names, "dateline") if name in node}
    page = node.get("mainEntityOfPage")
    record.setdefault("url", page.get("@id", "") if isinstance(page, Mapping) else page)
    return known_fields(record)


def _is_article(node: Mapping[str, object]) -> bool:
    """Return whether a JSON-LD node says that it is an article of some kind."""
    kinds = node.get("@type")
    return any(isinstance(k, str) and _ARTICLE_TYPES.match(k) for k in (kinds if isinstance(kinds, list) else [kinds]))


def linked_nodes(tree: HtmlElement) -> Iterator[dict[str, object]]:
    """Yield every object of the page's JSON-LD; a block that is not JSON is passed over."""
    count = 0
    for script in tree.iterfind('.//script[@type="application/ld+json"]'):
        try:
            waiting = [json.loads((script.text or "").strip().rstrip(";"), strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and count < _MOST_NODES:
            count += 1
            node = waiting.pop(0)
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict):
                yield node
                waiting += [value for value in node.values() if isinstance(value, dict | list)]


def _meta(tree: HtmlElement) -> dict[str, str]:
    contents: dict[str, list[str]] = {}
    for element in tree.iterfind(".//meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = (element.get("content") or "").strip()
        if name and content:
            contents.setdefault(name.strip().lower(), []).append(content)
    known: dict[str, str] = {}
    for field, names in _META.items():
        for name in names.split():
            values = [value for value in contents.get(name, ()) if field != "author" or "://" not in value]
            value = ", ".join(dict.fromkeys(values)) if field == "author" else next(iter(values), "")
            if found := known_fields({field: value}).get(field):
                known[field] = found
                break
    return known


def _links(tree: HtmlElement) -> dict[str, str]:
    """Return the address and language that the page's elements give, and the time of its `time` element."""
    record: dict[str, object] = {"language": tree.get("lang") or ""}
    for link in tree.iterfind(".//link[@rel]"):
        if link.get("rel", "").lower() == "canonical":
            record["url"] = link.get("href") or ""
            break
    for element in tree.iterfind(".//*[@itemprop]"):
        if element.get("itemprop") in ("datePublished", "dateModified"):
            record.setdefault(element.get("itemprop"), element.get("datetime") or element.get("content") or "")
    return known_fields(record)


_LINES = frozenset("p div span address li a h2 h3 h4 h5 h6 td cite strong em b i small".split())
_MOST_CHARACTERS = 160
_MOST_ELEMENTS, _MOST_PIECES = 400, 200
_TEXT_BEGUN = 300  # characters of long paragraphs: what follows is no longer about the title
_LONG_PARAGRAPH = 80


def signed_on_page(tree: HtmlElement) -> str | None:
    """Return the writers named between the page's first heading and its text, None where no line is a byline."""
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    first = next((place for place, element in enumerate(elements) if element.tag == "h1"), len(elements))
    text = 0
    for element in elements[first + 1 : first + 1 + _MOST_ELEMENTS]:
        if text > _TEXT_BEGUN:
            return None
        if element.tag not in _LINES:
            continue
        words = " ".join(" ".join(islice(element.itertext(), _MOST_PIECES)).split())
        if len(words) <= _MOST_CHARACTERS and (writers := signed_by(words)):
            return writers
        if element.tag == "p" and len(words) >= _LONG_PARAGRAPH:
            text += len(words)
    return None
