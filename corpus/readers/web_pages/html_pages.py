"""Web pages: trafilatura finds the article on the page, the page's own data says who wrote it where and when.

The only file that imports trafilatura. Nothing is fetched: only the file's bytes are looked at.
"""

import email.policy
import io
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, replace
from email.message import Message
from email.parser import BytesParser
from itertools import islice
from typing import TYPE_CHECKING

from corpus.article import MAX_BYTES, Article, from_address, is_site_root
from corpus.cleaning.assemble import assemble
from corpus.cleaning.byline import may_sign, read_byline
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError
from corpus.readers.decoding import decode
from corpus.readers.emails import MAIL_HEAD
from corpus.readers.json_files import read_json
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.web_pages.html_blocks import XML_DECLARATION, fill_spans, open_layout_tables
from corpus.readers.xml_stream import words_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^<>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
_REFERENCE = re.compile(r"&#(?:x0*([0-9a-f]{1,6})(?![0-9a-f])|0*([0-9]{1,7})(?![0-9]));?", re.IGNORECASE)
_WHOLE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
# trafilatura warns of what it finds nothing in; here that is an error with the file's name.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)
_HEAD_BYTES = 4096
# trafilatura's careful setting; where it keeps less than this share of what the usual one finds, it was too careful.
_TOO_CAREFUL = 0.25
# Who must pay to read on is shown less than this share of what the page's data has; with notes on that, than this one.
_BEGINNING, _BEGINNING_AND_NOTES = 0.6, 0.8
_WHOLE_WORDS = 120  # of an article for which readers are to pay; what is shorter is its beginning
_SENTENCE_END = re.compile(r"[.!?][\"'”’»)\]]*$")
_NEARLY_ALL = 0.8
_LONG_PARAGRAPH = 80
_LARGEST_DATA = 5_000_000  # characters of the data that a page brings for its programs
_ARTICLE = 400  # characters of a text in it that is taken though its title is not the page's
_LARGEST_SAVED = 10 * MAX_BYTES  # of a page with its pictures
_MOST_PARTS = 1_000
_SAVED = re.compile(rb"^(?:Snapshot-Content-Location:|From: *\"?<? ?Saved by|X-MAF)", re.MULTILINE | re.IGNORECASE)
_RELATED = re.compile(rb"^Content-Type:\s*multipart/related", re.MULTILINE | re.IGNORECASE)
_SENT = re.compile(rb"^(?:To|Received|Message-ID|Return-Path):", re.MULTILINE | re.IGNORECASE)
_HOST = re.compile(r"(?:[\w-]+\.)+[A-Za-z]{2,}")
_BODY_CLASS = re.compile(r"body|content|article|story|text", re.IGNORECASE)


def _read(file: OpenFile) -> Iterator[Article]:
    """Yield the one article of the page, or the posts of a live blog and what stands beside them."""
    import trafilatura
    from lxml.html.builder import BODY, HTML

    from corpus.readers.web_pages import html_metadata

    data = file.content()
    charset = _CHARSET.search(data[:_HEAD_BYTES])
    declared = file.charset or (charset[1].decode("ascii") if charset else None)
    page = XML_DECLARATION.sub("", decode(data, where=file.where, declared=declared), count=1)
    page = _REFERENCE.sub(_usable, page)
    fetched = {"url": file.url} if file.url else {}
    tree = trafilatura.load_html(page if _WHOLE.search(page) else f"<html><body>{page}</body></html>")
    if tree is None:  # no mark-up that a parser sees
        yield assemble(page, fetched, where=file.where, find_title=True)
        return
    if tree.tag != "html":  # "<svg><p>": what looks at pages expects something round what it may take out
        tree = HTML(BODY(tree))
    known, linked = html_metadata.page_fields(tree), html_metadata.linked_text(tree)
    if typed := _typed_text(tree):
        yield assemble(typed, fetched | known, where=file.where, find_title="title" not in known)
        return
    signed = html_metadata.signed_on_page(tree)
    paid = html_metadata.must_be_paid(tree)
    posts = html_metadata.live_posts(tree, url=known.get("url") or file.url)
    for box in tree.xpath('.//span[contains(@class, "mw-editsection")]'):  # Wikinews' "edit"
        box.drop_tree()
    join_parts(tree)
    open_layout_tables(tree)
    fill_spans(tree)
    captions = "\n\n".join(words_of(each) for each in tree.iter("figcaption"))
    links, headings = ({words_of(part) for part in tree.iter(name)} for name in ("a", "h1"))
    text, guessed = _extract(tree)
    lines = set(text.split("\n\n")) - headings
    if lines and lines <= links:  # a list of other pages
        text = ""
    if _is_better(linked, text):
        text = linked
    fields = fetched | guessed | known
    if len(text) < _TOO_CAREFUL * len(captions):  # a series of pictures, perhaps with a few words above it
        text = captions if text.strip() == fields.get("title") else f"{text}\n\n{captions}"
    if text.strip() in ("", fields.get("title")) and not posts:
        text, told = shown_by_program(tree, [fields.get("title", ""), tree.findtext(".//title") or ""])
        fields = fetched | guessed | told | known
    if not text.strip() and not posts:
        raise ReadError(file.where, "no article was found on the page: save its text as .txt and add that")
    if file.url and is_site_root(fields.get("url", "")):  # as the canonical link of every page of some sites
        fields["url"] = file.url
    if "author" not in fields and signed:
        fields["author"] = signed
    has_name = "source" in fields and not _HOST.fullmatch(fields["source"])
    if not has_name and (site := html_metadata.site_in_title(tree, fields.get("title", ""))):
        fields["source"] = site
    shared = {name: fields[name] for name in ("title", "source", "author", "section", "language") if name in fields}
    yield from file.articles_of(shared | post for post in posts)
    if posts:
        text = html_metadata.beside_posts(text, posts)
        if not text:
            return
    article = assemble(_without_echo(text, fields), fields, where=file.where, find_title=False)
    breaks_off = not _SENTENCE_END.search(article.text) or article.text.endswith("...")
    yield replace(article, is_stub=paid and (breaks_off or len(article.text.split()) < _WHOLE_WORDS))


def _without_echo(text: str, fields: Mapping[str, str]) -> str:
    """Return the text without the title and the day below it: trafilatura puts what stands between boxes at the end."""
    paragraphs = text.rstrip().split("\n\n")
    while len(paragraphs) > 1:
        last = paragraphs[-1].strip()
        line = read_byline(last) or {}
        is_day = "published" in line and fields.get("published", "")[:10] == line["published"]
        if not is_day and last != fields.get("title"):
            break
        paragraphs.pop()
    return "\n\n".join(paragraphs)


def _usable(reference: re.Match[str]) -> str:
    """Return a reference to a character as it stands, but a space for a control character, which no tree may hold."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return " " if (number < 32 and number not in (9, 10, 13)) or number in (0xFFFE, 0xFFFF) else reference[0]


def _extract(tree: "HtmlElement") -> tuple[str, dict[str, str]]:
    """Return the article's paragraphs, blank lines between them, and the fields that trafilatura makes out."""
    import trafilatura

    options = {"include_comments": False, "include_tables": True}
    page_words = sum(_length(p) for p in tree.iter("p"))
    facts = trafilatura.extract_metadata(tree, date_config={"original_date": True, "extensive_search": False})
    careful = trafilatura.bare_extraction(deepcopy(tree), favor_precision=True, **options)
    text = careful.text if careful is not None and careful.text else ""
    if len(text) < _TOO_CAREFUL * page_words or not text:
        usual = trafilatura.bare_extraction(tree, **options)
        found = usual.text if usual is not None and usual.text else ""
        text = found if len(text) < _TOO_CAREFUL * len(found) else text
    lines = [line.removeprefix("- ") for line in text.split("\n")]
    author = "; ".join(name for name in (facts.author or "").split("; ") if may_sign(name))
    record = {"title": facts.title, "author": author, "published": facts.date, "source": facts.sitename}
    return "\n\n".join(lines), known_fields(record | {"url": facts.url, "language": facts.language})


def _typed_text(tree: "HtmlElement") -> str:
    """Return the text of a page that is nearly all typed lines, as wire copy is kept; empty for another page."""
    body = tree.find("body")
    parts = ["".join(part.itertext()) for part in tree.iter("pre")]
    if body is None or not parts or sum(map(len, parts)) < _NEARLY_ALL * _length(body):
        return ""
    return "\n\n".join(parts)


def _is_better(linked: str, text: str) -> bool:
    """Return whether the page's data has the article's text where the page itself shows little or only its beginning.

    Or the same words, which then have their paragraphs.
    """
    if len(text) < _TOO_CAREFUL * len(linked) or text.split() == linked.split():
        return True
    words = " ".join(linked.split())
    shown = [line for line in text.split("\n") if len(line) >= _LONG_PARAGRAPH and " ".join(line.split()) in words]
    is_more = sum(map(len, shown)) < _BEGINNING * len(words) and len(text) < _BEGINNING_AND_NOTES * len(words)
    return bool(shown) and is_more


def join_parts(tree: "HtmlElement") -> None:
    """Put the parts of an article that a page cuts into equal boxes, with advertisements between, into the first box.

    Of boxes that look like articles' bodies, trafilatura would take one alone.
    """
    for article in tree.iter("article"):
        boxes: dict[str, list[HtmlElement]] = {}
        for box in article.iter("div", "section"):
            name = box.get("class") or ""
            if _BODY_CLASS.search(name) and sum(_length(p) >= _LONG_PARAGRAPH for p in box.iterchildren("p")) >= 2:
                boxes.setdefault(name, []).append(box)
        for first, *others in boxes.values():
            for other in others:
                if other.getparent() is not None and first not in other.iterancestors():
                    first.extend(list(other))


def _length(paragraph: "HtmlElement") -> int:
    """Return the number of characters of a paragraph's words."""
    return sum(map(len, paragraph.itertext()))


def shown_by_program(tree: "HtmlElement", titles: Collection[str]) -> tuple[str, dict[str, str]]:
    """Return the text and the other fields of the article in the page's data; empty where it has none.

    titles: of the page. An article of one of them is looked for, else there has to be a single long one.
    """
    found = list(_articles(tree))
    named = [article for article in found if article.title and any(article.title in title for title in titles)]
    chosen = named or [article for article in found if len(found) == 1 and len(article.text) >= _ARTICLE]
    if not chosen:
        return "", {}
    article = max(chosen, key=lambda each: len(each.text))
    fields = {name: value for name, value in asdict(article).items() if value and name not in ("text", "path")}
    return article.text, fields


def _articles(tree: "HtmlElement") -> Iterator[Article]:
    """Yield the articles in the JSON that the page's programs find beside them."""
    for script in tree.iterfind('.//script[@type="application/json"]'):
        data = (script.text or "").strip()
        if not data.startswith(("{", "[")) or len(data) > _LARGEST_DATA:
            continue
        try:
            stream = io.BytesIO(data.encode())
            yield from read_json(OpenFile(stream=stream, name="", where="", on_bad=lambda _: None))
        except ReadError:
            continue


def _is_saved(head: bytes) -> bool:
    """Return whether a file opens as a saved page does: its head says so, or that of a mail which nobody sent."""
    match = MAIL_HEAD.match(head)
    if match is None:
        return False
    return bool(_SAVED.search(match[0]) or (_RELATED.search(match[0]) and not _SENT.search(match[0])))


def _read_saved(file: OpenFile) -> Iterator[Article]:
    """Yield the one article of a page that a browser saved as one file (MHTML), as if fetched from its own address.

    The page is in it as part of a mail that nobody sent. Its head says by which program and when the page was saved,
    and nothing of the article.
    """
    data = file.content(limit=_LARGEST_SAVED, instead="save the page as .html and add that")
    message = BytesParser(policy=email.policy.compat32).parsebytes(data)
    page = _saved_page(message)
    content = page.get_payload(decode=True) if page is not None else None
    if page is None or not isinstance(content, bytes) or not content.strip():
        raise ReadError(file.where, "no page was found in it: save the page again, or as .html, and add that")
    url = _address(message, "Snapshot-Content-Location") or _address(page, "Content-Location") or file.url
    charset = page.get_content_charset() or file.charset
    for article in _read(replace(file, stream=io.BytesIO(content), url=url, charset=charset)):
        yield from_address(article, url) if url else article


def _saved_page(message: Message) -> Message | None:
    """Return the part that is the page: the one the head names as the start, else the first that is HTML."""
    start = str(message.get_param("start") or "").strip("<> ")
    parts = islice(message.walk(), _MOST_PARTS)
    pages = [part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    named = (page for page in pages if start and str(page.get("Content-ID") or "").strip("<> ") == start)
    return next(named, pages[0] if pages else None)


def _address(part: Message, name: str) -> str | None:
    value = "".join(str(part.get(name) or "").split())
    return value if value.lower().startswith(("http://", "https://")) else None


HTML = Format("web page", frozenset((".html", ".htm", ".xhtml")), _read, _PAGE.match, isolated=True)
MHTML = Format("saved page", frozenset((".mht", ".mhtml")), _read_saved, _is_saved, isolated=True)
