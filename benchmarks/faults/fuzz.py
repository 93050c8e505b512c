"""Bad input by machine: the readers of text, HTML, JSON, CSV, XML, mail and dates are given what nobody writes.

Each must give articles that keep their promises, or a ReadError that says what is wrong with the file, and never take
long. Inputs are drawn from pieces of each format: repeated, cut, joined and flipped. `guided` begins with such inputs.

    python -m benchmarks.faults fuzz --seconds 3600
"""

import io
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
from corpus.cleaning.written_dates import iso_date
from corpus.dates.resolve import resolve_days
from corpus.errors import CitewireError, ReadError
from corpus.language import with_language
from corpus.passages import split
from corpus.readers.open_file import OpenFile
from corpus.readers.registry import choose_format
from corpus.scan.read import read_bytes
from corpus.sentences import sentences
from corpus.speakers.statements import statements

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
    "csv": [
        'title,text,published\n', 'body;date;headline\r\n', '"', '""', ',', ';', '\t', '\n', '\r\n', '\ufeff',
        '2023-03-06', '06/03/23', '=cmd()', 'a' * 300, '"a\nb"', "'", '|', '0', 'text', '\x00', 'https://x.example/',
    ],
    "xml": [
        '<?xml version="1.0"?>', '<!DOCTYPE a [<!ENTITY b "c">]>', '&b;', '<rss version="2.0"><channel>', '<item>',
        '</item>', '<title>', '</title>', '<description>', '</description>', '<pubDate>Mon, 06 Mar 2023 10:00:00 GMT',
        '</pubDate>', '<feed xmlns="http://www.w3.org/2005/Atom">', '<entry>', '</entry>', '<content type="html">',
        '</content>', '<![CDATA[', ']]>', '<p>', '&lt;p&gt;', '<nitf><body><body.content>', '<newsItem>',
        '<link href="', '"/>', '<guid>', '<a' * 30, '&#0;', '<x:y>', 'xmlns:x=""', '<wp:post_type>page</wp:post_type>',
    ],
    "eml": [
        'From: Jane Doe <jane@x.example>\n', 'Subject: ', '=?utf-8?B?SGVsbG8=?=', '=?x?q?=ff?=',
        'Date: Mon, 6 Mar 2023', 'Content-Type: text/html; charset=', 'utf-8', 'x-none',
        'Content-Type: multipart/mixed; boundary="b"\n', '\n--b\n', '\n--b--\n', 'quoted-printable\n', 'SGVsbG8=',
        'Content-Transfer-Encoding: base64\n', '=3D=\n', '\n', '\n\n', '> ', 'MIME-Version: 1.0\n', '<p>Text</p>',
        'message/rfc822\n', '-----Original Message-----\n', '\x00', '\t', ';',
    ],
}  # fmt: skip
_SENTENCES = (
    "The harbour of Ostrava opened on Monday, said Mayor Jane Doe. “It took 12 years,” she said.",
    "Last week's storm cost $1.2 million; on March 3 about 400 people had no power, according to the Post.",
)
_WELL_MADE = {
    "text": "Harbour opens\nBy Jane Doe\nMarch 6, 2023\n\nOSTRAVA (AP) — {0}\n\n{1}\n",
    "front": "---\ntitle: Harbour opens\nauthor: [Jane Doe]\ndate: 2023-03-06\n---\n\n# Harbour\n\n{0}\n\n* {1}\n",
    "html": "<!DOCTYPE html><html lang=en><head><title>Harbour opens | The Post</title>"
    "<meta property='og:site_name' content='The Post'><script type='application/ld+json'>"
    '{{"@type": "NewsArticle", "datePublished": "2023-03-06T10:00:00Z", "author": {{"name": "Jane Doe"}}}}</script>'
    "</head><body><article><h1>Harbour opens</h1><p>{0}</p><table><tr><td>{1}</td></tr></table></article></html>",
    "json": '{{"title": "Harbour opens", "text": "{0}\\n\\n{1}", "published": "2023-03-06", "url": "https://x.example/a"}}\n',
    "csv": 'title,text,published,author\r\nHarbour opens,"{0}\n\n{1}",2023-03-06,Jane Doe\r\n',
    "xml": '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
    "<title>The Post</title><item><title>Harbour opens</title><pubDate>Mon, 06 Mar 2023 10:00:00 GMT</pubDate>"
    "<content:encoded>&lt;p&gt;{0}&lt;/p&gt;</content:encoded><description>{1}</description></item></channel></rss>",
    "eml": "From: Jane Doe <jane@x.example>\nSubject: Harbour opens\nDate: Mon, 6 Mar 2023 10:00:00 +0000\n"
    'MIME-Version: 1.0\nContent-Type: text/plain; charset="utf-8"\n\n{0}\n\n{1}\n',
    "dates": "last Monday, 6 March 2023, in the week before 2023-03-06T10:00:00+01:00",
}
_NAMES = {
    "text": "a.txt",
    "front": "a.md",
    "html": "a.html",
    "json": "a.jsonl",
    "csv": "a.csv",
    "xml": "a.xml",
    "eml": "a.eml",
}


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


def fuzz(place: Path, *, seconds: float, seed: int | None = None, most: int | None = None) -> Fuzzed:
    """Try inputs for so long, `most` of them; findings are kept in `fuzz-findings` and named in what is returned."""
    drawn = random.Random(seed)
    done, seen = Fuzzed(), set[str]()
    until = time.monotonic() + seconds
    while time.monotonic() < until and done.tried.total() != most:
        kind = drawn.choice(list(TARGETS))
        data = draw(kind, drawn)
        done.tried[kind] += 1
        clock, started = time.monotonic(), time.process_time()
        try:
            done.articles += TARGETS[kind](data)
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
    """Return an input for one reader: pieces of its format and of others, repeated, cut and flipped.

    Some are strewn into a file that is well made, so that they come to where only such files lead.
    """
    pieces = _PIECES.get(kind, _PIECES["text"]) + (_PIECES["text"] if drawn.random() < 0.7 else [])
    text = ""
    for part in _well_made(kind, drawn) if drawn.random() < 0.4 else [""] * drawn.randint(1, 40):
        often = drawn.choice([1, 1, 1, 2, 30, 400]) if drawn.random() < 0.3 else 1
        text += part + drawn.choice(pieces) * often
    data = bytearray(text[:LONGEST].encode(drawn.choice(["utf-8"] * 6 + ["utf-16", "latin-1"]), "replace"))
    for _ in range(drawn.choice([0, 0, 0, 1, 5]) if data else 0):
        data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
    return bytes(data)


def well_made(kind: str) -> str:
    """Return a file of this format as it should be."""
    return _WELL_MADE[kind].format(*_SENTENCES)


def _well_made(kind: str, drawn: random.Random) -> list[str]:
    """Return a well made file, cut at a few places."""
    text = well_made(kind)
    cuts = sorted(drawn.randrange(len(text)) for _ in range(drawn.choice([0, 1, 2, 8])))
    return [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]


def pieces() -> Mapping[str, list[str]]:
    """Return the pieces of each format that inputs are made of."""
    return _PIECES


def read_here(kind: str, data: bytes) -> int:
    """Read bytes as `TARGETS` does, in this process and with no fault caught: what is raised tells where it was."""
    if kind not in _NAMES:
        return TARGETS[kind](data)
    count, name = 0, _NAMES[kind]
    file = OpenFile(stream=io.BytesIO(data), name=name, where=name, on_bad=lambda _: None)
    for article in choose_format(file).read(file):
        hold(with_language(article))
        count += 1
    return count


def read_any(name: str, data: bytes) -> int:
    """Read bytes as a file of this name and hold each article to its promises; return how many there were."""
    bad: list[ReadError] = []
    count = 0
    for article in read_bytes(data, name=name, on_bad=bad.append):
        hold(article)
        count += 1
    for error in bad:
        assert "could not be read (" not in error.why, error.why  # a reader's own fault, though it costs only a line
    return count


def hold(article: Article) -> None:
    """Assert what every article promises: offsets are slices, dates are dates, and it can be named again."""
    text = article.text
    passages = split(text)
    assert all(p.text == text[p.start : p.end] for p in passages)
    assert all(one.end <= other.start for one, other in pairwise(passages))
    assert all(0 <= start < end <= len(text) for start, end in sentences(text))
    day = article.day or date(2024, 2, 29)
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


TARGETS: Mapping[str, Callable[[bytes], int]] = {
    **{kind: partial(read_any, name) for kind, name in _NAMES.items()},
    "dates": _dates,
}
"""What takes an input, and returns how many articles it was."""


def _keep(done: Fuzzed, seen: set[str], kind: str, data: bytes, what: str) -> None:
    if what.split(" for ")[0][:60] in seen:
        return
    seen.add(what.split(" for ")[0][:60])
    folder = Path("fuzz-findings")
    folder.mkdir(exist_ok=True)
    file = folder / f"{kind}-{len(done.findings)}"
    file.write_bytes(data)
    done.findings.append(f"{kind}: {what} ({file})")
