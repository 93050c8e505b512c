"""An article, its key and versions, its passages, and the most bytes that one may have."""

import hashlib
import json
import re
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_TRACKING = tuple(
    "utm_ fbclid gclid mc_cid mc_eid igshid cmpid ref_src igsh dclid msclkid twclid ttclid yclid wt_mc wt.mc at_medium "
    "at_campaign at_custom xtor mkt_tok guce_ guccounter _ga _gl smid ns_mchannel ns_source ns_campaign icid ocid "
    "s_cid ref_url __twitter_impression".split()
)
_NOT_IN_VERSION = ("path", "known_by", "is_stub")
_ROOT = re.compile(r"/*(?:[a-z]{2}(?:-[a-z]{2})?/*)?(?:(?:index|default|home)\.\w{3,5})?", re.IGNORECASE)
MAX_BYTES = 10_000_000  # of one article, in any format: a long book has 3 MB of text


@dataclass(frozen=True, slots=True)
class Article:
    """One news text, cleaned. All offsets count Unicode code points of `text`. Unknown fields are None.

    published, modified: ISO 8601, a date, or a date and time with zone. path: where the article was read. known_by: its
    key, if that is not the first of `keys`. is_stub: it is only the beginning of a text that must be paid for. These
    three are not part of the version.
    Raises ValueError for a text without a word, for invalid Unicode, and for a date that is not ISO 8601.
    """

    text: str
    title: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    modified: str | None = None
    url: str | None = None
    place: str | None = None
    section: str | None = None
    language: str | None = None
    path: str | None = None
    known_by: str | None = None
    is_stub: bool = False

    def __post_init__(self) -> None:
        if not any(c.isalnum() for c in self.text):
            raise ValueError("an article needs a text")
        for f in fields(self):
            str(getattr(self, f.name) or "").encode()  # fails for half a surrogate pair, which cannot be stored
        for value in (self.published, self.modified):
            if value is not None:
                parse_published(value)

    @property
    def key(self) -> str:
        """The key that names the article in its library: `known_by`, else the first of `keys`."""
        return self.known_by or self.keys[0]

    @property
    def keys(self) -> tuple[str, ...]:
        """Possible keys, best first: the address; outlet, title and date; the path, or without one a hash of the text.

        The root of a site is no article's address. The part after # counts only if other articles share the address.
        """
        keys = []
        if self.url:
            address, fragment = "url:" + canonical_url(self.url), urlsplit(self.url.strip()).fragment
            if not is_site_root(self.url):
                keys.append(address)
            if fragment:
                keys.append(f"{address}#{fragment}")
        if self.source and self.title and self.published:
            keys.append("news:" + json.dumps([self.source, self.title, self.published], ensure_ascii=False))
        if self.path:
            keys.append("path:" + self.path)
        else:
            keys.append("text:" + hashlib.sha256(self.text.encode()).hexdigest())
        return tuple(keys)

    @property
    def id(self) -> str:
        """16 hexadecimal digits. The same key gives the same id in every library."""
        return article_id(self.key)

    @property
    def version(self) -> str:
        """`sha256:` and the hash of text and metadata. The same content gives the same version everywhere."""
        content = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NOT_IN_VERSION}
        content = {name: value for name, value in content.items() if value is not None}  # so new fields keep old hashes
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def day(self) -> date | None:
        """The day of `published`, None if that is unknown."""
        return parse_published(self.published) if self.published else None

    @property
    def heading(self) -> str:
        """The title, or without one the opening words of the text."""
        if self.title:
            return self.title
        opening = " ".join(self.text[:200].split())
        return opening if len(opening) <= 80 else opening[:80].rsplit(" ", 1)[0] + " …"


@dataclass(frozen=True, slots=True)
class Passage:
    """A verbatim slice of an article: `text == article.text[start:end]`, offsets in code points."""

    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or len(self.text) != self.end - self.start:
            raise ValueError(f"a passage of {len(self.text)} characters cannot span {self.start} to {self.end}")


def article_id(key: str) -> str:
    """Return the id of the article with this key."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def is_address(path: str) -> bool:
    """Tell whether a path is the address of a page or feed, and not that of a file."""
    return "://" in path


def is_site_root(url: str) -> bool:
    """Tell whether an address is the front page of a site, or of one of its languages: it names no article."""
    parts = urlsplit(url.strip())
    return _ROOT.fullmatch(parts.path) is not None and not _page_query(parts.query)


def from_address(article: Article, url: str) -> Article:
    """Return the article with this address, and its host as the outlet, where the article names none."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    named = host if re.search(r"\.[a-z]{2,}$", host) else None
    return replace(article, url=article.url or url, source=article.source or named)


def canonical_url(url: str) -> str:
    """Return the address in a normal form: without fragment and tracking parameters, the host in lower case."""
    parts = urlsplit(url.strip())
    scheme = "https" if parts.scheme.lower() in ("http", "https") else parts.scheme.lower()
    host = parts.netloc.lower().removesuffix(":80").removesuffix(":443")
    query = urlencode(sorted(_page_query(parts.query)))
    return urlunsplit((scheme, host, parts.path.rstrip("/") or "/", query, ""))


def _page_query(query: str) -> list[tuple[str, str]]:
    """Return the query without tracking parameters."""
    return [(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if not k.lower().startswith(_TRACKING)]


def parse_published(value: str) -> date:
    """Return the day of an ISO 8601 date or time, in the time's own zone. Raises ValueError for anything else."""
    return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value).date()
