"""The posts of a live blog, as schema.org's LiveBlogPosting has them, in JSON-LD or as microdata."""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urldefrag, urljoin

from lxml import etree
from lxml.html import HtmlElement

from corpus.cleaning.clean import clean
from corpus.cleaning.fields import text_field
from corpus.readers.web_pages.html_metadata import linked_nodes
from corpus.readers.web_pages.small_pages import blocks_of
from corpus.readers.xml_stream import words_of

_MOST_POSTS = 2_000
_OWN_PARAGRAPH = 80  # characters of one beside the posts; what is shorter is a button or a note that it is live
_FIELDS = ("headline", "datePublished", "dateModified", "author", "inLanguage")


def live_posts(tree: HtmlElement, *, url: str | None) -> list[dict[str, object]]:
    """Return the posts as records of an article each, newest first as the page has them; empty for another page.

    url: of the page, to which the addresses of posts may be relative.
    """
    updates = [node.get("liveBlogUpdate") for node in linked_nodes(tree)]
    each = (post for posts in updates for post in (posts if isinstance(posts, list) else [posts]))
    found = [post for post in each if isinstance(post, Mapping)]
    records = [_linked_post(post) for post in found[:_MOST_POSTS]] or list(_marked_posts(tree))
    posts = []
    for record in records:
        if not text_field(record):
            continue
        address = urljoin(url or "", str(record["url"])) if record.get("url") else ""
        if "headline" in record:
            record["title"] = record.pop("headline")  # wins over the page's own
        name = record.pop("name", "") or urldefrag(address).fragment
        if not address and name and url:
            address = f"{urldefrag(url).url}#{name}"
        posts.append(record | ({"url": address} if address else {}) | ({"id": name} if name else {}))
    return posts


def beside_posts(text: str, posts: Sequence[Mapping[str, object]]) -> str:
    """Return the paragraphs of a live blog's page that are in none of its posts, empty if they are only a few words.

    text: paragraphs with blank lines between them.
    """
    pairs = ((_plain(str(post.get("title") or "")), text_field(post)) for post in posts)
    of_posts = " ".join(f"{headline} {_plain(clean(words))} {headline}" for headline, words in pairs)
    own = [paragraph for paragraph in text.split("\n\n") if (words := _plain(paragraph)) and words not in of_posts]
    return "\n\n".join(own) if any(len(paragraph) >= _OWN_PARAGRAPH for paragraph in own) else ""


def _linked_post(post: Mapping[str, object]) -> dict[str, object]:
    record: dict[str, object] = {name: post[name] for name in _FIELDS if post.get(name)}
    bodies = (post.get(name) for name in ("articleBody", "text", "description"))
    record["articleBody"] = next((body for body in bodies if isinstance(body, str) and body.strip()), "")
    node_id = str(post.get("@id") or "")
    page = post.get("mainEntityOfPage")
    page = page.get("@id") if isinstance(page, Mapping) else page
    own = (post.get("url"), node_id if "//" in node_id or "#" in node_id else "", page)
    record["url"] = next((address for address in own if isinstance(address, str) and address), "")
    record["name"] = node_id.rpartition("#")[2]
    return record


def _marked_posts(tree: HtmlElement) -> Iterator[dict[str, object]]:
    """Yield the records of posts that the page marks up with microdata."""
    for box in tree.xpath('.//*[contains(concat(" ", @itemprop, " "), " liveBlogUpdate ")]')[:_MOST_POSTS]:
        record: dict[str, object] = {"name": box.get("id") or ""}
        for part in box.iterfind(".//*[@itemprop]"):
            for name in part.get("itemprop").split():
                if name == "articleBody":
                    record.setdefault(name, "\n\n".join(blocks_of(etree.tostring(part, encoding="unicode"))))
                elif name in ("headline", "datePublished", "dateModified", "author", "url"):
                    value = part.get("datetime") or part.get("content") or part.get("href")
                    record.setdefault(name, value or words_of(part))
        yield record


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
