"""Identity: which article of the library a text is, by its address, by outlet, title and day, or by its origin.

An address identifies an article, unless it is a site's root or several texts share it. Pages share one if their
canonical link is the section's, and feed items if they have one link. Texts with the same outlet, title and day ("In
brief", "Letters") are one article only if their words are similar. Otherwise its origin decides: the file or row that
it was read from.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from corpus.article import Article, canonical_url, is_address
from corpus.near_copies import is_revision, shared

NEAR = 0.5
"""Least share of the shorter text's word triples that two versions of one article have in common."""

_HASH = re.compile(r"[0-9a-f]{16}")  # the name of a row that has no id


@dataclass(frozen=True, slots=True)
class Holder:
    """An article of the library, in its current version.

    path: where it was last read. read: gives its text and address, None if damaged.
    """

    id: str
    version: str
    path: str | None
    read: Callable[[], tuple[str, str | None] | None]


def identify(
    article: Article, location: str | None, holders: Mapping[str, Holder], *, read_here: Callable[[str], bool]
) -> tuple[Article, Holder | None]:
    """Return the article with the key that identifies it in a library, and another that holds a key it may have had.

    location: the file or address it was read from. holders: the articles that hold its possible keys, by key.
    read_here: tells whether the article with an id was read before it from the same file or stream, in this run.
    """
    if article.known_by:
        return article, None
    keys = article.keys
    better_key_is_free = False
    for key in keys:
        holder = holders.get(key)
        if holder is None:
            better_key_is_free = True
        elif holder.path is not None and holder.path == article.path:
            # It was read here before. If a better key is free, either its address or title has changed, or this is
            # another article: the texts decide.
            stored = holder.read() if better_key_is_free else None
            if stored is None or shared(stored[0], article.text) >= NEAR:
                return _known(article, key), None
    apart: Holder | None = None
    for key in keys:
        holder = holders.get(key)
        if holder is None or _is_same(article, location, key, holder, read_here):
            return _known(article, key), apart
        apart = apart or holder
    raise AssertionError  # the last key names a place or the text itself


def _known(article: Article, key: str) -> Article:
    return article if article.key == key else replace(article, known_by=key)


def _is_same(
    article: Article, location: str | None, key: str, holder: Holder, read_here: Callable[[str], bool]
) -> bool:
    """Tell whether the article that holds a key is this one: another version, or read from another source."""
    if key.startswith(("path:", "text:")):
        return True
    stored = holder.read()
    if stored is None or stored[0] == article.text:  # a damaged text is healed by what is read now
        return True
    text, url = stored
    both_exist = read_here(holder.id) or _still_exists(article, location, holder)
    by_address = key.startswith("url:")
    if not both_exist:
        return by_address or shared(text, article.text) >= NEAR
    if by_address and urlsplit(url or "").fragment == urlsplit(article.url or "").fragment:
        return shared(text, article.text) >= NEAR
    return is_revision(text, article.text)


def _still_exists(article: Article, location: str | None, holder: Holder) -> bool:
    """Tell whether the holder was read from a file, row or page of its own that still exists."""
    here, there = article.path, holder.path
    if here is None or there is None:
        return False
    source = location if location is None or is_address(location) else os.path.realpath(location)
    if source is not None and there.startswith(f"{source}#"):  # another row of the same file or feed
        rows = [path.removeprefix(f"{source}#") for path in (here, there)]
        return here.startswith(f"{source}#") and not any(map(_HASH.fullmatch, rows))
    if is_address(here) and is_address(there):
        own = canonical_url(article.url or "")
        return own not in (canonical_url(here), canonical_url(there))
    return not is_address(there) and any(map(os.path.lexists, (there, there.partition("#")[0])))
