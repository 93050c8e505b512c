"""Bad input by machine: the readers of text, front matter, HTML, JSON Lines and dates are given what nobody writes.

Each must give articles that keep their promises, or a ReadError, and never take long. Inputs are drawn from pieces of
each format: repeated, cut, joined and flipped.

    python -m benchmarks.faults fuzz --seconds 3600
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path

from corpus.article import Article, parse_published
from corpus.days import resolve_days
from corpus.errors import CitewireError
from corpus.published import iso_date
from corpus.read import read_stream
from corpus.sentences import sentences
from corpus.speakers import statements
from corpus.split import split

SLOW_SECONDS = 2.0
"""More than this of the processor's time for one input of at most LONGEST characters is a finding."""

HUNG_SECONDS = 70.0
"""More than this on the clock is one too: a parser in a process of its own is waited for, a loaded machine is not."""

LONGEST = 20_000

_PIECES = {
    "text": [
        'Monday ', 'on Sunday', '“', '”', "'s ", 'said', ' according to ', '(AP) — ', 'LONDON (Reuters) - ',
        '\n\n', '\r\n', 'By Jane Doe', 'March 6, 2023', '06/03/2023', 'Q1 ', '1,000,000', 'e.g. ', 'U.S. ',
        '…', '\x00', '\u2028', '\ufeff', 'é', 'é', '日本', '\U0001f469\u200d\U0001f469\u200d\U0001f467',
        '\u202e', '\ud7ff', ' ' * 50, 'a' * 300, '.', '?!', '-' * 40, '\t', 'Published: ', 'of ',
    ],
    "front": [
        '---\n', 'title: ', 'date: ', 'url: ', 'tags: [', ']', '{', '}', ': ', '- ', '&a ', '*a',
        '!!python/object:os.system', '\n', '2023-03-06', 'null', '~', "'", '"', '|\n  ', '>\n', '<<: *a',
        'text', '%YAML 1.1\n', '\x85',
    ],
    "html": [
        '<html>', '<head>', '<title>', '</title>', '<body>', '<article>', '<p>', '</p>', '<script>',
        '</script>', '<!--', '-->', "<meta property='article:published_time' content='", "'>",
        "<time datetime='", "<script type='application/ld+json'>", '{"@type":"NewsArticle","datePublished":"',
        '"}', '&#0;', '&#x110000;', '&amp;', '<table>', '<td>', '<div ' * 5, '</div>', '<![CDATA[', ']]>',
        "<?xml version='1.0' encoding='utf-16'?>", "<meta charset='shift_jis'>", '<br>', '<svg>', '<p>' * 50,
    ],
    "json": [
        '{"text": "', '"}', '\n', '{"title": ', 'null', '[', ']', '{', '}', ',', '"', ':', '1e999', 'NaN',
        '\\u0000', '\\ud800', '"published": "2023-03-06"', '"date": 1678060800', '"url": "https://x.example/',
        'true', '[' * 60, '"text": ["a"]', '\\n',
    ],
}  # fmt: skip
_NAMES = {"text": "a.txt", "front": "a.md", "html": "a.html", "json": "a.jsonl"}


@dataclass(slots=True)
class Fuzzed:
    """How many inputs were tried, by reader, and what was found: nothing, or this raises."""

    tried: Counter[str] = field(default_factory=Counter)
    articles: int = 0
    slowest: float = 0.0
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        tried = ", ".join(f"{name} {count:,}" for name, count in sorted(self.tried.items()))
        return (
            f"{self.tried.total():,} inputs ({tried}), {self.articles:,} articles read; the slowest took "
            f"{self.slowest:.2f} s of the processor; {len(self.findings)} findings"
            + "".join(f"\n  {what}" for what in self.findings)
        )


def fuzz(place: Path, *, seconds: float, seed: int | None = None) -> Fuzzed:
    """Try inputs for so long; findings are kept in the folder `fuzz-findings` and named in what is returned."""
    drawn = random.Random(seed)
    done, seen = Fuzzed(), set[str]()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        kind = drawn.choice(list(_TARGETS))
        data = draw(kind, drawn)
        done.tried[kind] += 1
        clock, started = time.monotonic(), time.process_time()
        try:
            done.articles += _TARGETS[kind](data)
        except CitewireError:
            pass
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            _keep(done, seen, kind, data, f"{type(error).__name__}: {error}"[:200])
        took, waited = time.process_time() - started, time.monotonic() - clock
        done.slowest = max(done.slowest, took)
        if took > SLOW_SECONDS or waited > HUNG_SECONDS:
            _keep(done, seen, kind, data, f"slow: {took:.1f} s of {waited:.1f} s for {len(data):,} bytes")
    return done


def draw(kind: str, drawn: random.Random) -> bytes:
    """Return an input for one reader: pieces of its format and of others, repeated, cut and flipped."""
    pieces = _PIECES.get(kind, _PIECES["text"]) + (_PIECES["text"] if drawn.random() < 0.7 else [])
    parts = [
        drawn.choice(pieces) * (drawn.choice([1, 1, 1, 2, 30, 400]) if drawn.random() < 0.3 else 1)
        for _ in range(drawn.randint(1, 40))
    ]
    data = bytearray("".join(parts)[:LONGEST].encode(drawn.choice(["utf-8"] * 6 + ["utf-16", "latin-1"]), "replace"))
    for _ in range(drawn.choice([0, 0, 0, 1, 5]) if data else 0):
        data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
    return bytes(data)


def read_any(name: str, data: bytes) -> int:
    """Read bytes as a file of this name and hold each article to its promises; return how many there were."""
    count = 0
    for article in read_stream(data, name=name, on_bad=lambda _: None):
        hold(article)
        count += 1
    return count


def hold(article: Article) -> None:
    """Assert what every article promises: offsets are slices, dates are dates, and it can be named again."""
    text = article.text
    passages = split(text)
    assert all(p.text == text[p.start : p.end] for p in passages)
    assert all(one.end <= other.start for one, other in pairwise(passages))
    assert all(0 <= start < end <= len(text) for start, end in sentences(text))
    day = parse_published(article.published) if article.published else date(2024, 2, 29)
    for found in resolve_days(text, day):
        assert found.text == text[found.start : found.end]
    for statement in statements(text):
        assert statement is not None
    assert Article(**{f: getattr(article, f) for f in Article.__dataclass_fields__}).version == article.version


def _dates(data: bytes) -> int:
    value = data.decode("utf-8", "replace")
    found = iso_date(value)
    if found is not None:
        parse_published(found)
    resolve_days(value, date(2023, 3, 6))
    resolve_days(value, date(1, 1, 1))
    resolve_days(value, date(9999, 12, 31))
    return 0


_TARGETS: Mapping[str, Callable[[bytes], int]] = {
    **{kind: partial(read_any, name) for kind, name in _NAMES.items()},
    "dates": _dates,
}


def _keep(done: Fuzzed, seen: set[str], kind: str, data: bytes, what: str) -> None:
    if what.split(" for ")[0][:60] in seen:
        return
    seen.add(what.split(" for ")[0][:60])
    folder = Path("fuzz-findings")
    folder.mkdir(exist_ok=True)
    file = folder / f"{kind}-{len(done.findings)}"
    file.write_bytes(data)
    done.findings.append(f"{kind}: {what} ({file})")
