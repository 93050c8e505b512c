"""An article, its key and versions, and its passages."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import date, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_TRACKING = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid", "igshid", "cmpid", "ref_src")


@dataclass(frozen=True, slots=True)
class Article:
    """One news text as it was read and cleaned. All offsets count Unicode code points of `text`.

    What is unknown is None. `published` and `modified` are ISO 8601: a date, or a date and time with zone.
    `path` says where the article was read and is no part of its version.
    Raises ValueError for a text without a word in it, what is not Unicode, or a date that is not ISO 8601.
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

    def __post_init__(self) -> None:
        if not any(c.isalnum() for c in self.text):
            raise ValueError("an article needs a text")
        for f in fields(self):
            (getattr(self, f.name) or "").encode()  # a half of a surrogate pair is no character, and cannot be kept
        for value in (self.published, self.modified):
            if value is not None:
                parse_published(value)

    @property
    def key(self) -> str:
        """What the article is known by: canonical url, else outlet + title + published, else path, else its text."""
        if self.url:
            return "url:" + canonical_url(self.url)
        if self.source and self.title and self.published:
            return "news:" + json.dumps([self.source, self.title, self.published], ensure_ascii=False)
        if self.path:
            return "path:" + self.path
        return "text:" + hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def id(self) -> str:
        """16 hexadecimal digits, the same in every library that holds the article."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:16]

    @property
    def version(self) -> str:
        """`sha256:` and the hash of the text and metadata; the same for the same content anywhere."""
        content = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "path"}
        content = {name: value for name, value in content.items() if value is not None}  # so new fields keep old hashes
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def heading(self) -> str:
        """The title, or where there is none the opening words of the text."""
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


def canonical_url(url: str) -> str:
    """Return the address without what does not name the page: fragment, tracking parameters, the host's letter case."""
    parts = urlsplit(url.strip())
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not k.lower().startswith(_TRACKING)]
    scheme = "https" if parts.scheme.lower() in ("http", "https") else parts.scheme.lower()
    host = parts.netloc.lower().removesuffix(":80").removesuffix(":443")
    return urlunsplit((scheme, host, parts.path.rstrip("/") or "/", urlencode(sorted(query)), ""))


def parse_published(value: str) -> date:
    """Return the day of an ISO 8601 date or time; the day is that of the time's own zone.

    Raises ValueError when the value is neither.
    """
    return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value).date()
