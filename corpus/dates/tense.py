"""Whether a sentence speaks of what was or of what will be, at one place in it: cues, not a parse."""

import re
from functools import lru_cache

REACH = 300
"""How many characters before and after a place are looked at."""

_FUTURE = frozenset(
    "will won't shall would wouldn't could may might must should scheduled slated planned plan plans planning "
    "expected expect expects hope hopes aim aims vow vows upcoming deadline begin begins start starts open opens "
    "resume resumes air airs premiere premieres debut debuts expire expires launches meets hosts faces plays "
    "visits returns arrives departs travels".split()
)
_FUTURE_PAIRS = frozenset(
    "going to|ahead of|set to|set for|kick off|kicks off|take place|takes place|take effect|takes effect".split("|")
)
_FIRST_OF_PAIRS = frozenset(pair.split()[0] for pair in _FUTURE_PAIRS)
_DOING = frozenset(
    "playing facing hosting meeting holding visiting heading traveling travelling coming releasing".split()
)
_MOVED = frozenset("postponed rescheduled adjourned delayed extended moved pushed".split())
_VERBS = frozenset(
    "be meet hold vote begin start visit attend discuss decide announce release speak host face play return "
    "travel take make open close end resume launch sign testify appear hear consider unveil publish present "
    "deliver arrive join mark debate run leave give address go come see get lead submit respond reach finish "
    "expire stay pay rule choose elect win secure".split()
)
_BEGUN = frozenset(
    "began started continued managed failed refused declined used helped tried forced appeared seemed".split()
)
PAST = frozenset(
    "said was were had did went came made took told met held spoke began left won lost fell rose led found got "
    "gave saw sent sat stood struck shot hit cut put set broke built brought bought fought caught taught thought "
    "sought paid laid kept felt became drew drove flew grew knew threw wrote sold spent heard ran sank swore wore "
    "woke chose froze stole hung fled fed bled sped shut spread beat bid cast cost hurt quit split been born "
    "dealt slid shook slept swept withdrew overcame rode sang understood upheld tore bit lit says comes follows "
    "marks wasn't weren't hadn't didn't".split()
)
_NOT_PAST = frozenset(
    "need indeed speed exceed proceed hundred sacred seed breed weed naked wicked shed embed succeed "
    "unprecedented united supposed".split()
)
_ARTICLES = frozenset("the a an his her its their".split())
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_BOUNDARY = re.compile(
    r"[.!?…](?<!Mr.)(?<!Mrs.)(?<!Ms.)(?<!Dr.)(?<!Gen.)(?<!Sen.)(?<!Rep.)(?<!Gov.)(?<!Lt.)(?<!Col.)(?<!St.)(?<!Sgt.)"
    r"(?<!Capt.)(?<!Prof.)(?<![ .][A-Z].)[\"'”’)\]]{0,3}[ \t]{1,3}(?=[\"'“‘(\[]?[A-Z])|[:;] |\n"
)


def is_future(text: str, start: int, end: int) -> bool | None:
    """Return whether what is at `text[start:end]` is yet to come, as its sentence tells; None when nothing tells.

    The nearest cue before it in its sentence decides, else the first one after it.
    """
    before = text[max(0, start - REACH) : start]
    boundary = 0
    for match in _BOUNDARY.finditer(before):
        boundary = match.end()
    words = _WORD.findall(before, boundary)
    if (words and words[-1] in ("is", "are")) or words[-2:] in (["is", "on"], ["are", "on"]):
        return True
    for i in range(len(words) - 1, -1, -1):
        if _may_tell(words[i]) and (verdict := _cue(words, i)) is not None:
            return verdict
    after = text[end : end + REACH]
    stop = _BOUNDARY.search(after)
    words = _WORD.findall(after, 0, stop.start() + 1 if stop else len(after))
    telling = (i for i, word in enumerate(words) if _may_tell(word))
    return next((verdict for i in telling if (verdict := _cue(words, i)) is not None), None)


@lru_cache(maxsize=50_000)
def _may_tell(word: str) -> bool:
    """Whether a word tells anything beside some neighbours: nearly none does, and texts repeat their words."""
    word = word.replace("’", "'")
    return (
        word in _FUTURE
        or word in PAST
        or word in _MOVED
        or word in _FIRST_OF_PAIRS
        or word in ("to", "due", "is", "are")
        or word.endswith(("'ll", "ed"))
    )


def _cue(words: list[str], i: int) -> bool | None:
    """Return what one word tells, with its neighbours: True for what will be, False for what was."""
    word = words[i].replace("’", "'")
    following = words[i + 1] if i + 1 < len(words) else ""
    if word in _FUTURE or word.endswith("'ll") or f"{word} {following}" in _FUTURE_PAIRS:
        return True
    if word == "to":
        return (i == 0 or words[i - 1] not in _BEGUN) if following in _VERBS else None
    if word == "due":
        return None if following == "to" and words[i + 2 : i + 3] and words[i + 2] in _ARTICLES else True
    if word in ("is", "are"):
        return True if following in _DOING else None
    if word in _MOVED and {"to", "until", "till", "for"}.intersection(words[i + 1 : i + 4]):
        return True
    if word in PAST:
        return False
    past = word.endswith("ed") and len(word) > 4 and word.islower() and word not in _NOT_PAST
    return False if past and (i == 0 or words[i - 1] != "be") else None
