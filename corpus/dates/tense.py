"""Whether a sentence speaks of what was or of what will be, at one place in it: cues, not a parse."""

import re

REACH = 300
"""How many characters before and after a place are looked at."""

_FUTURE = frozenset(
    "will won't shall would wouldn't could may might must should scheduled slated planned plan plans planning "
    "expected expect expects hope hopes aim aims vow vows upcoming deadline begin begins start starts open opens "
    "resume resumes air airs premiere premieres debut debuts expire expires launches meets hosts faces plays "
    "visits returns arrives departs travels".split()
)
_NOUNS_TOO = frozenset("start starts debut debuts air visits returns launches plays plan plans hope hopes".split())
_FUTURE_PAIRS = frozenset(
    "going to|ahead of|set to|set for|kick off|kicks off|take place|takes place|take effect|takes effect|come into|"
    "comes into|goes into|take over|takes over|take on|takes on".split("|")
)
_DOING = frozenset(
    "playing facing hosting meeting holding visiting heading traveling travelling coming releasing".split()
)
_FORESEEN = frozenset("anticipated forecast likely poised predicted tipped".split())  # where it "is"
_BEFORE_BASE = frozenset("will would shall can could may might must should to be not won't".split())
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
_PARTICIPLES = frozenset(
    "beaten broken chosen done drawn driven eaten fallen flown frozen given gone hidden ridden risen seen shaken "
    "shown spoken stolen sworn taken thrown torn written".split()
)
_NOT_PAST = frozenset(
    "need indeed speed exceed proceed hundred sacred seed breed weed naked wicked shed embed succeed "
    "unprecedented united supposed".split()
)
# What happens at a set time, as the present tense of programmes has it: "The board votes on Tuesday".
_SET_VERBS = (
    "adjourn announce appear argue arrive assemble begin choose close come conclude convene decide depart elect embark "
    "end expire fly gather go hear hold kick leave meet open perform preside publish reassemble reconvene reopen "
    "resume retire sail sing sit speak testify unveil"
).split()
_SET_NOUNS_TOO = (
    "debate dock face fight host land launch march play race return rule run screen start stop travel visit vote"
).split()
_SINGULAR = frozenset(
    verb[:-1] + "ies" if verb == "fly" else verb + ("es" if verb.endswith(("ch", "s", "o")) else "s")
    for verb in (*_SET_VERBS, *_SET_NOUNS_TOO)
)
_PLURAL = frozenset((*_SET_VERBS, *_SET_NOUNS_TOO))
_MAY_BE_NOUNS = frozenset(word for verb in _SET_NOUNS_TOO for word in (verb, verb + "s", verb + "es"))
_PLURALS = frozenset("people police men women children they we you voters mps both all who".split())
# After these, what looks like a verb is a noun: "the votes".
_BEFORE_NOUNS = frozenset(
    "a an the this these those his her its their our my your no some any all many few several most more other such of "
    "in on at by for with from to after before during since until about over under into between against new old last "
    "next first second third final early late recent previous latest earlier big major key local two three four five "
    "six seven eight nine ten is was has does news us perhaps always".split()
)
_OF_BEFORE = frozenset("after over following since despite every each always often usually".split())  # or a habit
_REACH_OF_VERB = 7  # words
# Of a picture, whose caption speaks in the present of what was: "The mayor speaks to reporters on Sunday. Ann Poe/AP".
_CREDIT = r"\w/(?:AP|AFP|EPA|Getty|Pool|Reuters|Shutterstock|USA TODAY|The )|Getty Images|AP Photo|[Pp]hotos? by"
_CLAUSE_END = r"[,.;:!?—–\n]| (?:and|but|as|while|after|because|when|which|who|that) "
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_BOUNDARY = re.compile(
    r"[.!?…](?<!Mr.)(?<!Mrs.)(?<!Ms.)(?<!Dr.)(?<!Gen.)(?<!Sen.)(?<!Rep.)(?<!Gov.)(?<!Lt.)(?<!Col.)(?<!St.)(?<!Sgt.)"
    r"(?<!Capt.)(?<!Prof.)(?<![ .][A-Z].)[\"'”’)\]]{0,3}[ \t]{1,3}(?=[\"'“‘(\[]?[A-Z])|[:;] |\n"
)


def is_future(text: str, start: int, end: int, *, programmed: bool = False) -> bool | None:
    """Return whether what is at `text[start:end]` is yet to come, as its sentence tells; None when nothing tells.

    The nearest cue before it in its sentence decides, else the first one after it. programmed: whether the present
    tense tells too ("The board votes on Tuesday"), as it does of weekdays; in a chronicle "signs on 5 July" was.
    """
    before = sentence_before(text, start)
    words = _WORD.findall(before)
    if (words and words[-1] in ("is", "are")) or words[-2:] in (["is", "on"], ["are", "on"]):
        return True
    after = text[end : end + REACH]
    if programmed and not words and re.match(r" (?:is|marks)\b", after):  # Sunday marks ten years since the flood
        return True
    if programmed and _is_set(before, after) and not re.search(_CREDIT, before + after.partition("\n")[0]):
        return True
    for i in range(len(words) - 1, -1, -1):
        if programmed and words[i].lower() in ("if", "unless"):
            return True
        if (verdict := _cue(words, i)) is not None:
            return verdict
    stop = _BOUNDARY.search(after)
    words = _WORD.findall(after, 0, stop.start() + 1 if stop else len(after))
    return next((verdict for i in range(len(words)) if (verdict := _cue(words, i)) is not None), None)


def sentence_before(text: str, start: int) -> str:
    """Return what stands before a place in its sentence, as far as it is looked at."""
    before = text[max(0, start - REACH) : start]
    boundary = 0
    for match in _BOUNDARY.finditer(before):
        boundary = match.end()
    return before[boundary:]


def _is_set(before: str, after: str) -> bool:
    """Tell whether a verb in the present tense leads up to the place: its event is scheduled for that time.

    No verb in the past may follow in the same clause: "The board's votes on Monday showed a split".
    """
    following = _WORD.findall(re.split(_CLAUSE_END, after, maxsplit=1)[0])
    if any(_cue(following, i) is False for i in range(len(following))):
        return False
    *_, around, _, clause = ["", "", *before.split(",")]
    words = [*around.split()[-1:], *clause.split()]  # "The ship, which docked on Monday, sails on"
    for i in range(len(words) - 1, max(0, len(words) - _REACH_OF_VERB), -1):
        if words[i].lower() in _OF_BEFORE:
            return False
        if words[i] == "being" and words[i - 1] in ("is", "are"):
            return True
        if _is_present(words[i - 1], words[i]):
            return words[i] not in _MAY_BE_NOUNS or all(_cue(words, j) is None for j in range(i))
        if words[i - 1] != "being" and _cue(words, i) is not None:
            return False
    return False


def _is_present(subject: str, verb: str) -> bool:
    """Tell whether a word is a verb in the present tense, by the word before it, which would be its subject."""
    lower = subject.lower()
    if lower in _BEFORE_NOUNS or not subject.isalpha() or lower.endswith(("ing", "ed", "al", "ive", "ly")):
        return False
    if verb in _SINGULAR:
        return not lower.endswith("s") or subject[0].isupper()
    if verb in ("play", "face", "host", "meet", "visit") and subject[0].isupper():  # Norway play Austria
        return True
    return verb in _PLURAL and (lower in _PLURALS or (lower.endswith("s") and not lower.endswith("ss")))


def _cue(words: list[str], i: int) -> bool | None:
    """Return what one word tells, with its neighbours: True for what will be, False for what was."""
    word = words[i].replace("’", "'")
    following = words[i + 1] if i + 1 < len(words) else ""
    if word in _NOUNS_TOO and following != "to" and i and words[i - 1].lower() in _BEFORE_NOUNS - {"to"}:
        return None
    before = words[i - 1].lower() if i else ""
    if (
        word == "open"
        and before not in _BEFORE_BASE
        and not (before.endswith("s") and before != "was")
        and not words[max(0, i - 1)].istitle()
    ):
        return None
    if word in _FUTURE or word.endswith("'ll") or f"{word} {following}" in _FUTURE_PAIRS:
        return True
    if word == "to":
        return (i == 0 or words[i - 1] not in _BEGUN) if following in _VERBS else None
    if word == "due":
        return None if following == "to" and {*words[i + 2 : i + 3]} & {*"the a an his her its their".split()} else True
    if word in ("is", "are"):
        return True if following in _DOING else None
    if word in _MOVED and {"to", "until", "till", "for"}.intersection(words[i + 1 : i + 4]):
        return True
    if word in _FORESEEN and not {"is", "are"}.isdisjoint(words[max(0, i - 2) : i]):
        return True
    if word in PAST:
        return None if before in _BEFORE_BASE else False
    if word in _PARTICIPLES and i >= len(words) - 2:  # "the play, first seen on Friday"
        return None if before in _BEFORE_BASE | {"is", "are"} else False
    past = word.endswith("ed") and len(word) > 4 and word.islower() and word not in _NOT_PAST
    return False if past and before != "be" else None
