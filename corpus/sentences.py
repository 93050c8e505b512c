"""Sentences of English news text, as exact offsets.

At each full stop, question or exclamation mark, only the words before and after it decide whether a sentence ends. So
a passage gives the same sentences as its article. A new sentence inside a quotation counts. A quotation and the lower
case words after it (`"Why?" he asked.`) are one sentence. docs/segmentation.md compares this with other libraries.
"""

import re
from collections.abc import Iterator

PARAGRAPH_BREAK = re.compile(r"\n\s*\n|[\u2029\f\v]")

# A run of stops with the quotes, brackets and footnote marks that close with it, and the white space after it.
_STOP = re.compile(
    r"(?<![.!?…。！？])(?P<stop>[.!?…。！？]+)"
    r"(?P<close>(?:[\"'”’»)\]*_]|[\u00a0\u2009\u202f ][”»](?!\w)|\[\d{1,3}\])*)"
    r"(?P<gap>\s*)"
)
_OPENING = re.compile(r"[\"'“‘«(\[*_¿¡|−–—-]*\s?")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_BEFORE = re.compile(r"[\w.&'’@/-]*$")  # of the text before a stop: the word it ends
_DOTTED = re.compile(r"(?:[^\W\d_]{1,3}\.)+[^\W\d_]{1,3}")  # U.S, p.m, Ph.D, a.k.a
# Where a new line, or a bullet inside one, starts an item of a list; and a line so short that it was not wrapped.
_ITEM = re.compile(r"[\n•◾►▶▪■♦➤∎●◦‣](?:(?<=\s[^\n])|(?<=\n)(?=\s*(?:[-–—*·]|\(?\w{1,2}[.)])\s))")
_SHORT_LINE = 45

# Before a name or a number: never the end of a sentence that goes on in the same paragraph.
_TITLES = frozenset(
    "Mr Mrs Ms Mx Dr Drs Prof Profs Gen Gens Maj Lt Sgt Cpl Capt Cmdr Col Adm Brig Pvt Sen Sens Rep Reps Gov Govs Hon "
    "Rev Fr Msgr Mt Ft Pres Supt Det Insp Messrs Mme Mlle Atty Asst Assoc Dir Dep Vs vs v viz approx "
    "ca cf i.e e.g".split()
)
_BEFORE_NUMBER = frozenset(
    "No Nos Op Vol Art Sec Ch Fig Figs Prop Props Pt Rt Rte Apt Est Dist p pp vol art sec ch fig c lb lbs oz yds "
    "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec jan feb aug sept oct nov dec".split()
)
# May end a sentence: they do before a word that hardly stands in upper case inside one.
_ABBREVIATIONS = frozenset(
    "St Ste Ave Blvd Rd Hwy Sq Ln Inc Corp Co Cos Ltd LLC Llc PLC Plc Bros Jr Sr Esq Ph.D Dept Univ Natl Intl Govt "
    "Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Kans Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa "
    "Penn Tenn Tex Va Vt Wash Wis Wyo Ont Que Alta Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed "
    "Thu Thur Thurs Fri Sat Sun Ed Eds Tel Ext etc al jr sr inc corp sq def ft feat tel ext dept".split()
)
_STARTERS = frozenset(
    "the a an this that these those he she it they we i you his her its their our my your there here who whom what "
    "when where why how which in on at by for from with without within of to as if but and or nor so yet because "
    "although though let while whereas since until unless after before during under over through between among against "
    "about despite amid upon once then now also still even just only not no yes however meanwhile moreover instead "
    "perhaps maybe some many most more few several all both each every any another other such one two three four "
    "neither either nobody nothing everyone everything someone something according asked speaking officials "
    "authorities investigators critics experts analysts residents it's he's she's that's there's they're we're i'm "
    "i've i'd i'll don't let's what's didn't can't isn't".split()
)
_AFTER_CLOCK = re.compile(
    r"(?:[A-Z]{2,5}\b|(?:Mon|Tues?|Wed|Thu|Thurs|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\b"
    r"|(?:Eastern|Central|Mountain|Pacific|Greenwich|May)\b|[A-Z]\w+ (?:standard |daylight )?time\b)"
)
_SAYING = (
    r"(?:said|says|asked|asks|told|tells|wrote|writes|added|adds|tweeted|shouted|yelled|cried|exclaimed|wondered|replied|"
    r"joked|quipped|posted|recalled|screamed|continued|declared|answered|explained|responded|thundered|read|reads)\b"
)
_TITLE = r"(?:(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|Rev|Prof)\.\s+)"
_ATTRIBUTION = re.compile(
    rf"{_TITLE}*(?P<name>[A-Z][\w'’-]*)\s+"
    rf"(?:(?:[A-Z]\.|[A-Z][\w'’-]*|of|the|de|van|bin|al)\s+){{0,5}}(?:\w+ly\s+)?{_SAYING}"
)
_ASIDE = "([|−–—-"
_SHOUTED_NAMES = frozenset(("Yahoo", "Jeopardy", "E"))


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return the sentences of `text[start:end]` as (start, end) offsets into `text`, in order.

    Together they cover all but white space. No sentence crosses a blank line or has white space around it.
    """
    part = text[start:end]
    found = []
    for block_start, block_end in _blocks(part):
        for a, b in _block_sentences(part, block_start, block_end):
            found.append((start + a, start + b))
    return found


def sentences_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence or sentences that characters `[start, end)` lie in."""
    touched = [(s, e) for s, e in sentences(text, *paragraph_around(text, start, end)) if s < end and start < e]
    return (min(touched[0][0], start), max(touched[-1][1], end)) if touched else (start, end)


def paragraph_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the paragraphs around some characters; paragraphs are set apart by a blank line."""
    first = text.rfind("\n\n", 0, start)
    last = text.find("\n\n", end)
    return (0 if first < 0 else first + 2), (len(text) if last < 0 else last)


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each paragraph: text between blank lines, stripped of white space."""
    position = 0
    for gap in PARAGRAPH_BREAK.finditer(text):
        yield from _stripped(text, position, gap.start())
        position = gap.end()
    yield from _stripped(text, position, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if bare := part.strip():
        start += len(part) - len(part.lstrip())
        yield start, start + len(bare)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield paragraphs; of a list each item, and of short lines each line."""
    for start, end in paragraphs(text):
        position = start
        for item in _ITEM.finditer(text, start, end):
            yield from _lines(text, position, item.start())
            position = item.start()
        yield from _lines(text, position, end)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the block, cut after each line too short to have been wrapped, unless the next starts in lower case."""
    position = line = start
    while (newline := text.find("\n", line, end)) >= 0:
        following = text[newline + 1 : newline + 200].lstrip()[:1]
        if newline - line < _SHORT_LINE and not following.islower():
            yield from _stripped(text, position, newline)
            position = newline + 1
        line = newline + 1
    yield from _stripped(text, position, end)


def _block_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of the block `text[start:end]`."""
    for mark in _STOP.finditer(text, start, end):
        if mark.end() < end and (boundary := _boundary(text, mark, start, end)):
            yield start, boundary
            start = boundary + len(text[boundary : mark.end()]) - len(text[boundary : mark.end()].lstrip())
    if start < end:
        yield start, end


def _boundary(text: str, mark: re.Match[str], start: int, end: int) -> int:
    """Return the end of the sentence that began at `start`, or 0 if this stop does not end it."""
    stop, close, after = mark["stop"], mark["close"], mark.end()
    if stop[-1] in "。！？":
        return mark.end("close")
    before = _BEFORE.search(text[max(start, mark.start() - 24) : mark.start()])
    word = before[0].rpartition("-")[2] if before else ""  # without parts before a hyphen (R-Ky)
    opening = _OPENING.match(text, after, end)
    following = text[opening.end() if opening else after : min(after + 80, end)]
    if not following:
        return 0
    if not mark["gap"]:
        return _unspaced(text, mark, word, following)
    if not word and not close and mark.start() - start < 8 and not _WORD.search(text, start, mark.start()):
        return 0  # an ellipsis that begins a sentence
    first = _WORD.match(following)  # iPhone and eBay may begin a sentence
    is_lower = first is not None and first[0][0].islower() and not any(map(str.isupper, first[0]))
    if is_lower and (stop[-1] == "…" or text[after] not in "(["):
        return 0
    if following[0] in ".,;:…?!&/":
        return 0
    if stop == ".":
        ends = _full_stop_ends(text, mark, word, following, start)
    else:
        ends = not _question_goes_on(stop, close, word, following)
    return mark.end("close") if ends else 0


def _unspaced(text: str, mark: re.Match[str], word: str, following: str) -> int:
    """Return the boundary between two sentences without a space, as in `said.“I` and `said.The`."""
    after = text[mark.end()]
    if after in "“‘" and len(word) > 1:
        return mark.end("close")
    quote = mark["close"][-1:]
    if quote in ('"', "'") and following[0].isupper() and len(mark["close"]) == 1 and word[-1:].islower():
        return mark.start("close")  # the quote opens what follows
    first = _WORD.match(following)
    if first and first[0][0].isupper() and first[0].lower() in _STARTERS and len(word) > 1 and word.islower():
        return mark.end("close")
    return 0


def _full_stop_ends(text: str, mark: re.Match[str], word: str, following: str, start: int) -> bool:
    """Tell whether a full stop after `word` ends the sentence. The text after it is not in lower case."""
    if len(word) <= 2 and mark.start() - len(word) == start and (word.isdigit() or len(word) == 1):
        return False  # the number or letter of an item
    spoken = word
    if word.isupper() and len(word) > 1 and "." not in word:  # GEN. MUNIR in a headline; but "told the FT. But"
        spoken = word.capitalize() if following[:2].isupper() or following[0].isdigit() else ""
    if spoken in _TITLES or (following[0].isdigit() and spoken in _BEFORE_NUMBER):
        return False
    clock = word.lower() in ("a.m", "p.m")
    if clock and text[mark.end()] not in _ASIDE:
        return not _AFTER_CLOCK.match(following)
    initial = len(word) == 1 and word.isupper()
    if not (clock or initial or spoken in _ABBREVIATIONS or _DOTTED.fullmatch(word)):
        return True
    if mark["close"] and mark["close"][0] not in ")]":
        return True
    first = _WORD.match(following)
    if not first or first[0].lower() not in _STARTERS or text[mark.end()] in _ASIDE:
        return False
    return not (len(first[0]) == 1 and following[1:2] == ".")  # an initial after an initial


def _question_goes_on(stop: str, close: str, word: str, following: str) -> bool:
    """Tell whether the words after `?`, `!` or `…` and a closing quote name the speaker, or go on with a name."""
    if stop == "!" and not close and word in _SHOUTED_NAMES:
        return True
    if not set(close) & set("\"'”’"):
        return False
    attribution = _ATTRIBUTION.match(following)
    return attribution is not None and attribution["name"].lower() not in _STARTERS
