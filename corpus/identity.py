"""Which article of a library a text is that was just read: by its address, its place, or outlet, title and day.

An address is an article's own unless it is a site's root, or other texts that are there beside it share it, as pages do
whose canonical link is the section's, and feed items with one link. Texts of one outlet, title and day ("In brief",
"Letters") are one article only where they are near each other. Where neither tells, the place does: a file or a row.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from corpus.article import Article, canonical_url
from corpus.near_copies import is_revision, shared

NEAR = 0.5
"""The share of the shorter text's word triples from which on two texts may be versions of one article."""

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


@dataclass(frozen=True, slots=True)
class Identified:
    """An article under the key it is known by. apart: another article that has the key which would have been better."""

    article: Article
    apart: Holder | None = None


def identify(
    article: Article, location: str | None, holders: Mapping[str, Holder], *, read_here: Callable[[str], bool]
) -> Identified:
    """Return the article under the key that it is known by in a library.

    location: the file or address it was read from. holders: by key, the articles that have one of its keys. read_here:
    whether the article of an id was read from the same file or stream before it, in this run.
    """
    if article.known_by:
        return Identified(article)
    keys = article.keys
    free = next((number for number, key in enumerate(keys) if key not in holders), len(keys))
    for number, key in enumerate((*keys, *article.former_keys)):
        holder = holders.get(key)
        here = holder is not None and holder.path is not None and holder.path == article.path
        if holder is not None and here and (number < free or _is_near(article, holder)):
            return _known(article, key)
    apart: Holder | None = None
    for key in keys:
        holder = holders.get(key)
        if holder is None or _is_same(article, location, key, holder, read_here):
            return _known(article, key, apart)
        apart = apart or holder
    raise AssertionError  # the last key names a place or the text itself


def _known(article: Article, key: str, apart: Holder | None = None) -> Identified:
    return Identified(article if article.key == key else replace(article, known_by=key), apart)


def _is_same(
    article: Article, location: str | None, key: str, holder: Holder, read_here: Callable[[str], bool]
) -> bool:
    """Return whether the article that has a key is this one, in another version or read elsewhere."""
    if key.startswith(("path:", "text:")):
        return True
    there = holder.read()
    if there is None or there[0] == article.text:  # a damaged text is healed by what is read now
        return True
    text, url = there
    beside = read_here(holder.id) or _is_beside(article, location, holder)
    if not key.startswith("url:"):
        return is_revision(text, article.text) if beside else shared(text, article.text) >= NEAR
    if not beside:
        return True
    if urlsplit(url or "").fragment != urlsplit(article.url or "").fragment:
        return is_revision(text, article.text)
    return shared(text, article.text) >= NEAR


def _is_near(article: Article, holder: Holder) -> bool:
    there = holder.read()
    return there is None or shared(there[0], article.text) >= NEAR


def _is_beside(article: Article, location: str | None, holder: Holder) -> bool:
    """Return whether the other article has a place of its own that is still there."""
    here, there = article.path, holder.path
    if here is None or there is None:
        return False
    if location is not None and there.startswith(f"{location}#"):  # another row of the same file or feed
        rows = [path.removeprefix(f"{location}#") for path in (here, there)]
        return here.startswith(f"{location}#") and not any(map(_HASH.fullmatch, rows))
    if _is_address(here) and _is_address(there):
        own = canonical_url(article.url or "")
        return own not in (canonical_url(here), canonical_url(there))
    return not _is_address(there) and any(map(os.path.lexists, (there, there.partition("#")[0])))


def _is_address(path: str) -> bool:
    return "://" in path
