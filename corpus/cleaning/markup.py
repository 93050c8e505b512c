"""Taking mark-up out of a text: entities, HTML comments and tags, shortcodes of content systems, BBCode.

Every pattern here is bounded or scans forward only, so that a megabyte of brackets costs no more
than a megabyte of words.
"""

import html
import re
from collections.abc import Iterator

# `&amp;amp;lt;` is a text that was escaped again and again on its way: one step takes all of it back.
_ENTITY = re.compile(
    r"&(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)*(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_DECLARATION = re.compile(r"<\?xml[^<>]{0,200}\?>|<!DOCTYPE[^<>]{0,300}>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
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
    text = _without_comments(text)
    text = "".join(_outside_silent_elements(text))
    text = _DECLARATION.sub("", text)
    return _TAG.sub(_tag_space, text)


def _tag_space(match: re.Match[str]) -> str:
    """Return what stands where a tag stood: a paragraph's end, a space between table cells, or nothing."""
    name = match[1].lower()
    if name in ("td", "th"):
        return " "
    return "\n\n" if name in _BLOCK_TAGS else ""


def _without_comments(text: str) -> str:
    """Return the text without `<!-- … -->`, which content systems use for their block marks."""
    kept: list[str] = []
    at = 0
    while (opening := text.find("<!--", at)) >= 0:
        closing = text.find("-->", opening + 4)
        if closing < 0:
            break
        kept.append(text[at:opening])
        at = closing + 3
        if text[opening + 4 : opening + 30].lstrip(" /").startswith("wp:"):
            kept.append("\n\n")
    kept.append(text[at:])
    return "".join(kept)


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
    last_closing = {m[2].lower(): m.start() for m in found if m[1]}
    next_closing = _next_closings(found)
    kept: list[str] = []
    at = 0
    for index, match in enumerate(found):
        name = match[2].lower()
        if match.start() < at or not _is_shortcode(match, closed=last_closing.get(name, -1) > match.start()):
            continue
        kept.append(text[at : match.start()])
        kept.append("\n\n" if _STRUCTURE.search(name) and name not in _BBCODE else "")
        at = match.end()
        closing = next_closing[index]
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
