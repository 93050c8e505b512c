"""From the raw text of an article to clean paragraphs, before any offset is taken.

A clean text is a row of one-line paragraphs with one blank line between them, in NFC, without mark-up, boilerplate,
control or zero-width characters. Cleaning it again changes nothing. What was decoded wrongly is mended where it can be
nothing else, by ftfy.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

from corpus.cleaning.boilerplate import is_boilerplate
from corpus.cleaning.text_tables import with_rows

# `&amp;amp;lt;` is a text that was escaped again and again on its way: one step takes all of it back.
_ENTITY = re.compile(
    r"&(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)*(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_DECLARATION = re.compile(r"<\?xml[^<>]{0,200}\?>|<!DOCTYPE[^<>]{0,300}>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?P<block>[ /]{0,23}wp:)?.*?-->", re.DOTALL)  # WordPress marks its blocks so
_SILENT = re.compile(r"<(script|style|noscript|template|iframe|svg)(?=[\s/>])[^<>]{0,2000}>", re.IGNORECASE)
_BLOCK_TAGS = (
    "address article aside blockquote body br button center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html li main menu meta nav ol option p pre section select "
    "source summary table tbody td tfoot th thead title tr ul video audio picture link script style noscript iframe"
).split()
_INLINE_TAGS = (
    "a abbr acronym b bdi bdo big cite code data del dfn em embed font i img input ins kbd label mark object param q s "
    "samp small span strike strong sub sup svg time tt u var wbr"
).split()
_TAG = re.compile(rf"</?({'|'.join(_BLOCK_TAGS + _INLINE_TAGS)})(?=[\s/>])([^<>]{{0,2000}})>", re.IGNORECASE)

_SHORTCODE = re.compile(r"\[(/?)([A-Za-z][A-Za-z0-9_-]{0,40}+)([^\[\]]{0,2000}+)\]")
# An attribute after the name: `[gallery ids="1,2"]`, with any of the quotation marks that editors make of `"`.
_ATTRIBUTES = re.compile(r"\s+[A-Za-z][\w-]{0,40}\s?=\s?[\"'“”„‘’″′&\w#/-]")
_BBCODE = frozenset("b i u s url img size color colour font quote code list center left right email youtube".split())
_LONE = frozenset("gallery embed caption playlist toc nextpage pullquote adsense adrotate".split())
# Their content is an address, or the caption of a picture, not the article's text.
_EMBEDDING = frozenset(
    "embed caption wp_caption img image video audio playlist gallery youtube vimeo tweet twitter instagram facebook "
    "iframe vc_raw_html vc_raw_js vc_video".split()
)
_STRUCTURE = re.compile(
    r"row|col|section|text|block|module|contain|wrap|tab|accordion|box|quote|caption|gallery|embed|image|img|head|"
    r"separator|divider|spacer|video|audio|center|list",
    re.IGNORECASE,
)
# Two signs that only the bytes of UTF-8 read as Windows-1252, Latin-1 or Mac Roman put side by side in real texts.
_SUSPECT = re.compile(
    r"[ÃÂÄÅÐÑØÙÎÏËÊ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â(?:€|‚|„|\x80|\x82|\x84)|ðŸ|‚Ä|√[©®°±∂®≥]|Ã "
)
_LOST = re.compile(r"(?<!\S)[A-Za-z]+\?(?:s|t|re|ve|ll|d)\b")  # it?s: an apostrophe that became a question mark
_SIDE_BY_SIDE = re.compile(r"[^\x00-\x7f]{2,}")  # ftfy looks long at a whole text
_SAMPLE = 1_000  # characters
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\x85\x0b\x0c\x1c-\x1e]")
# Controls, soft hyphen, zero-width and direction marks, byte order mark, lone surrogates and non-characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc"
    "\ufffe\uffff\ud800-\udfff]+"
)
# A joiner is part of a word in Persian or Hindi and of many emoji; beside ASCII it is a leftover.
_STRAY_JOINERS = re.compile(
    "(?<=[\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\x7f]|$)|^[\u200c\u200d]+", re.MULTILINE
)
_SPACES = re.compile(r"[^\S\n]+")
_MOST_MARKS = 30  # combining marks on one letter, as in the Unicode stream-safe format (UAX 15)
_PASSES = 8  # at most: a hostile text might change for ever
_WRAP_WIDTHS = range(40, 121)  # characters of a hard-wrapped line
_WRAP_SHARE = 0.7  # of the lines that must be full; the others end a paragraph
_WRAP_PAIRS = 3  # fewer lines that follow each other show no width


def without_markup(text: str) -> str:
    """Return the text with entities decoded and mark-up gone; words in square or angle brackets stay."""
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "<" in text:
        text = _without_tags(text)
    if "[" in text:
        text = _without_shortcodes(text)
    return text


def _character(match: re.Match[str]) -> str:
    """Return what an entity stands for; an unknown one stays."""
    decoded = html.unescape(f"&{match[1]};")
    return match[0] if decoded == f"&{match[1]};" else decoded


def _without_tags(text: str) -> str:
    """Return the text without comments, scripts and the tags of HTML; `<3` and `a < b` stay."""
    end = text.rfind("-->") + 3  # no comment that is never closed is looked for
    text = _COMMENT.sub(lambda match: "\n\n" if match["block"] else "", text[:end]) + text[end:] if end > 2 else text
    text = "".join(_outside_silent_elements(text))
    text = _DECLARATION.sub("", text)
    return _TAG.sub(_tag_space, text)


def _tag_space(match: re.Match[str]) -> str:
    """Return what stands where a tag stood: a paragraph's end, a space between table cells, or nothing."""
    name = match[1].lower()
    if name in ("td", "th"):
        return " "
    return "\n\n" if name in _BLOCK_TAGS else ""


def _outside_silent_elements(text: str) -> Iterator[str]:
    """Yield what is outside elements that show no words, such as scripts."""
    at = 0
    never_closed: set[str] = set()
    for opening in _SILENT.finditer(text):
        name = opening[1].lower()
        if opening.start() < at or name in never_closed:
            continue
        closing = re.compile(rf"</{name}\s{{0,20}}>", re.IGNORECASE).search(text, opening.end())
        if closing is None:
            never_closed.add(name)
            continue
        yield text[at : opening.start()]
        at = closing.end()
    yield text[at:]


def _without_shortcodes(text: str) -> str:
    """Return the text without shortcodes and BBCode; `[sic]`, `[the ministry]` and `[t]he` stay."""
    found = list(_SHORTCODE.finditer(text))
    kept: list[str] = []
    at = 0
    for match, closing in zip(found, _next_closings(found), strict=True):
        name = match[2].lower()
        if match.start() < at or not _is_shortcode(match, closed=closing is not None):
            continue
        kept.append(text[at : match.start()])
        kept.append("\n\n" if _STRUCTURE.search(name) and name not in _BBCODE else "")
        at = match.end()
        if name in _EMBEDDING and not match[1] and closing is not None:
            at = closing.end()
    kept.append(text[at:])
    return "".join(kept)


def _next_closings(found: list[re.Match[str]]) -> list[re.Match[str] | None]:
    """Return for each shortcode the next closing one of its name."""
    latest: dict[str, re.Match[str]] = {}
    answer: list[re.Match[str] | None] = []
    for match in reversed(found):
        name = match[2].lower()
        answer.append(latest.get(name))
        if match[1]:
            latest[name] = match
    return answer[::-1]


def _is_shortcode(match: re.Match[str], *, closed: bool) -> bool:
    """Return whether brackets hold mark-up rather than an editor's words."""
    closing, name, rest = match.groups()
    bare = not rest.strip(" /")
    if closing:
        return bare
    if bare:
        return "_" in name or closed or name.lower() in _LONE
    if rest.startswith("="):
        return name.lower() in _BBCODE
    return _ATTRIBUTES.match(rest) is not None


def clean(text: str) -> str:
    """Return the article's text as clean paragraphs; empty when nothing of it is the article's."""
    return _settled(text, lambda raw: "\n\n".join(line for line in _lines(_plain(raw)) if not is_boilerplate(line)))


def clean_line(value: str) -> str:
    """Return a title or a name on one line, without mark-up and invisible characters; its words all stay."""
    return _settled(value, lambda raw: " ".join(_plain(raw).split()))


def _settled(text: str, step: Callable[[str], str]) -> str:
    """Return the text after as many steps as change it: one does nearly always, escaped mark-up may need another."""
    for _ in range(_PASSES):
        before, text = text, step(text)
        if text == before:
            break
    return text


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a clean text."""
    return text.split("\n\n") if text else []


def _plain(text: str) -> str:
    """Return the text without mark-up and invisible characters, those that the mark-up hid included."""
    return _characters(without_markup(_characters(text)))


def _characters(text: str) -> str:
    """Return the text in NFC with one kind of line end and nothing invisible."""
    text = _LINE_ENDS.sub("\n", text).replace("\u2029", "\n\n")
    text = _STRAY_JOINERS.sub("", _INVISIBLE.sub("", text))
    if text.isascii():
        return text
    if any(map(unicodedata.combining, set(text))):
        text = _mark_runs().sub(lambda m: m[0][:_MOST_MARKS], text)
    return unicodedata.normalize("NFC", text)


@cache
def _mark_runs() -> re.Pattern[str]:
    """Return the pattern of endless combining marks, on which normalisation would take quadratic time."""
    marks = "".join(chr(c) for c in range(0x300, 0x1F000) if unicodedata.combining(chr(c)))
    return re.compile(f"[{marks}]{{{_MOST_MARKS + 1},}}")


def _lines(text: str) -> list[str]:
    """Return the paragraphs' lines: one each, with hard-wrapped lines joined again."""
    raw = [line.expandtabs().rstrip() for line in with_rows(text).split("\n")]
    lines = [_SPACES.sub(" ", line).strip() for line in raw]
    width = _wrap_width(raw)
    joined: list[str] = []
    for index, line in enumerate(lines):
        if not line:
            continue
        previous = raw[index - 1] if index else ""
        if width and previous and not raw[index][0].isspace() and _is_full(previous, line, width):
            joined[-1] += line if previous.endswith("-") and not previous.endswith(" -") else f" {line}"
        else:
            joined.append(line)
    return joined


def _wrap_width(raw: list[str]) -> int:
    """Return the width at which a text was hard-wrapped, or 0 for one whose lines are paragraphs.

    A line that is set in begins a paragraph.
    """
    pairs = [(a, b) for a, b in pairwise(raw) if a and b and not b[0].isspace()]
    width = max((max(len(a), len(b)) for a, b in pairs), default=0)
    if len(pairs) < _WRAP_PAIRS or width not in _WRAP_WIDTHS:
        return 0
    full = sum(_is_full(a, b, width) for a, b in pairs)
    return width if full >= _WRAP_SHARE * len(pairs) else 0


def _is_full(line: str, following: str, width: int) -> bool:
    """Return whether the next line's first word had no room any more, as at a hard wrap."""
    return len(line) + 1 + len(following.split(" ", 1)[0]) > width


def mended(text: str) -> str:
    """Return the text with each line that is doubly encoded, and can be nothing else, as it was meant."""
    if not _SUSPECT.search(text):
        return text
    from ftfy import fix_encoding

    return "\n".join(fix_encoding(line) if _SUSPECT.search(line) else line for line in text.split("\n"))


def is_garbled(text: str) -> bool:
    """Tell whether characters of the text were decoded wrongly, or lost, in a way that cannot be mended for certain."""
    from ftfy.badness import is_bad

    if "\ufffd" in text or len(_LOST.findall(text)) > 1:
        return True
    return bool(is_bad(" ".join(_SIDE_BY_SIDE.findall(text))[:_SAMPLE]))
