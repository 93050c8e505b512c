"""What a web page says of its article in its own data: JSON-LD first, then meta elements such as OpenGraph's.

And the posts of a live blog, as schema.org's LiveBlogPosting has them in JSON-LD.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from urllib.parse import urldefrag, urljoin

from lxml.html import HtmlElement

from corpus.cleaning.byline import SECTIONS, is_name, signed_by
from corpus.cleaning.clean import clean
from corpus.cleaning.fields import known_fields, text_field
from corpus.readers.xml_stream import words_of

_ARTICLE_TYPES = re.compile(r"(?:[A-Za-z]*(?:Article|Posting|Blog)|Report|WebPage)$")
_MOST_NODES = 5_000  # of a page's JSON-LD; more is no description of an article
_MOST_POSTS = 2_000
_OWN_PARAGRAPH = 80  # characters of one beside a live blog's posts; what is shorter is a button or a note
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
_LINES = frozenset("p div span address li a h2 h3 h4 h5 h6 td cite strong em b i small".split())
_MOST_ELEMENTS, _MOST_PIECES = 400, 200
_TEXT_BEGUN = 300  # characters of long paragraphs: what follows is no longer about the title
_LONG_PARAGRAPH = 80


def page_fields(tree: HtmlElement) -> dict[str, str]:
    """Return the fields of `Article` that the page's data gives."""
    canonical = (link.get("href") for link in tree.iterfind(".//link[@rel]") if link.get("rel").lower() == "canonical")
    links = known_fields({"language": tree.get("lang") or "", "url": next(canonical, "")})
    known = links | _meta(tree) | _linked_data(tree)
    if headline := _headline(tree, known.get("title", "")):
        known["title"] = headline
    if "author" in known:
        known["author"] = _people(known["author"], known.get("source", ""))
    return {name: value for name, value in known.items() if value}


def _linked_data(tree: HtmlElement) -> dict[str, str]:
    """Return the fields of the JSON-LD node that describes the article best: one with a headline."""
    articles = [node for node in linked_nodes(tree) if _is_article(node) and "headline" in node]
    best = ("headline", "datePublished", "author", "publisher")
    node = max(articles, key=lambda node: sum(name in node for name in best), default={})
    others = ("dateModified", "articleSection", "inLanguage", "url", "dateline")
    record = {name: node[name] for name in (*best, *others) if name in node}
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


def signed_on_page(tree: HtmlElement) -> str | None:
    """Return the writers named between the page's first heading and its text, None where no line is a byline."""
    text = 0
    for element in tree.xpath("(.//h1)[1]/following::*")[:_MOST_ELEMENTS]:
        if text > _TEXT_BEGUN:
            return None
        if element.tag not in _LINES:
            continue
        words = " ".join(" ".join(islice(element.itertext(), _MOST_PIECES)).split())
        if writers := signed_by(words):
            return writers
        if element.tag == "p" and len(words) >= _LONG_PARAGRAPH:
            text += len(words)
    return None


def must_be_paid(tree: HtmlElement) -> bool:
    """Return whether the page's data says that the article is not free to read."""
    free = [node.get("isAccessibleForFree") for node in linked_nodes(tree) if _is_article(node)]
    free += tree.xpath('.//meta[@itemprop="isAccessibleForFree"]/@content')
    tiers = tree.xpath('.//meta[@property="article:content_tier" or @name="article:content_tier"]/@content')
    return not {"false", "locked", "metered"}.isdisjoint(str(each).lower() for each in (*free, *tiers))


def linked_text(tree: HtmlElement) -> str:
    """Return the article's text as the page's JSON-LD has it; empty where it has none."""
    bodies = [node["articleBody"] for node in linked_nodes(tree) if isinstance(node.get("articleBody"), str)]
    return max(map(str, bodies), key=len, default="")


def live_posts(tree: HtmlElement, *, url: str | None) -> list[dict[str, object]]:
    """Return the posts of a live blog as records of an article each, in the page's order; empty for another page.

    url: of the page, to which the addresses of posts may be relative.
    """
    updates = [node.get("liveBlogUpdate") for node in linked_nodes(tree)]
    each = (post for posts in updates for post in (posts if isinstance(posts, list) else [posts]))
    records = (_post(post, url or "") for post in each if isinstance(post, Mapping))
    return list(islice((record for record in records if text_field(record)), _MOST_POSTS))


def _post(post: Mapping[str, object], url: str) -> dict[str, object]:
    """Return the record of a post. One without an address gets the page's with its own name behind #."""
    names = {"headline": "title", "datePublished": "published", "dateModified": "modified", "author": "author"}
    record = {name: post[given] for given, name in (names | {"inLanguage": "language"}).items() if post.get(given)}
    bodies = (post.get(name) for name in ("articleBody", "text", "description"))
    record["text"] = next((body for body in bodies if isinstance(body, str) and body.strip()), "")
    node_id, page = str(post.get("@id") or ""), post.get("mainEntityOfPage")
    of_node = node_id if "//" in node_id or "#" in node_id else ""
    own = (post.get("url"), of_node, page.get("@id") if isinstance(page, Mapping) else page)
    address = next((urljoin(url, address) for address in own if isinstance(address, str) and address), "")
    name = node_id.rpartition("#")[2] or urldefrag(address).fragment
    if not address and name and url:
        address = f"{urldefrag(url).url}#{name}"
    return record | {key: value for key, value in (("url", address), ("id", name)) if value}


def beside_posts(text: str, posts: Sequence[Mapping[str, object]]) -> str:
    """Return the paragraphs of a live blog's page that are in none of its posts, empty if they are only a few words.

    text: paragraphs with blank lines between them.
    """
    pairs = ((_plain(str(post.get("title") or "")), text_field(post)) for post in posts)
    of_posts = " ".join(f"{headline} {_plain(clean(words))} {headline}" for headline, words in pairs)
    own = [paragraph for paragraph in text.split("\n\n") if (words := _plain(paragraph)) and words not in of_posts]
    return "\n\n".join(own) if any(len(paragraph) >= _OWN_PARAGRAPH for paragraph in own) else ""


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
