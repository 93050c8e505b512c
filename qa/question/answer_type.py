"""What a question asks for: a short answer or a whole sentence, one answer or several."""

import re
from dataclasses import dataclass

_YES_NO = re.compile(
    r"(?i)^(?:(?:and|but|so|then|or)[ ,]+)?(?:is|are|was|were|am|do|does|did|has|have|had|will|would|can|could|shall|"
    r"should|may|might|must|isn[’']t|aren[’']t|wasn[’']t|weren[’']t|don[’']t|doesn[’']t|didn[’']t|hasn[’']t|haven[’']t|"
    r"won[’']t|wouldn[’']t|can[’']t|couldn[’']t)\s+\w"
)
_MEASURED = (
    r"many|much|long|old|far|big|large|high|tall|wide|deep|often|heavy|hot|cold|fast|small|soon|late|early|few|"
    r"close|strong|young|loud|thick|expensive|likely|popular|rich|populous"
)
_OPENING = r"(?:^|[,;:] )(?:(?:and|but|so|then|now|please|can you|could you)[ ,]+)*"
_REASON = re.compile(
    rf"(?i)\bwhy\b|\bhow come\b|\bfor what (?:reason|purpose)s?\b|\bwhat (?:is|was|are|were) the reasons?\b|"
    rf"\bhow\s+(?!(?:{_MEASURED})\b)(?:\w+ly\s+)?(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|"
    rf"might|may)\b"
)
_ABOUT = re.compile(
    rf"(?i){_OPENING}(?:what about|how about|describe|explain|summari[sz]e)\b|"
    r"\btell me (?:more )?about\b|\bwhat happen(?:s|ed)\b|"
    r"\bwhat (?:has|have) happened\b|"
    r"\bwhat (?:do|does|did|has|have|had) (?:[\w’'.,-]+ ){1,6}?(?:say|said|says|think|argue|claim|state|explain|warn|"
    r"respond|reply|suggest)\b"
)
# "Who said why the bridge was closed?" asks who, "Who was hurt, and how did it happen?" for both.
_OF_A_REASON = re.compile(
    r"(?i)^(?:(?:and|but|so|then|by|to|with|for|from|in|on|at)[ ,]+)?"
    r"(?:who|whom|whose|which|(?:when|where) (?:is|was|are|were|do|does|did|has|have|had|will|would|can|could))\b"
    r"(?!.*(?:,|;|\band|\bor|\bbut) (?:why|how)\b)"
)
_NO_HEAD = (
    r"(?!(?:do|does|did|is|was|has|have|had|can|could|will|would|should|may|might|made|makes|make|led|leads|caused|causes|"
    r"gave|gives|kind|type|sort|part|percentage|number|of|to|in|on|at|by|for|from|with|and|or|than|that|the|a|an|his|her|its|"
    r"their)\b)"
)
# "What did both countries say?" asks what they said together.
_BOTH = r"(?<!\bdid )(?<!\bdo )(?<!\bdoes )(?<!\bhave )(?<!\bhad )(?<!\bwill )(?<!\bcan )\b(?P<both>both)\b"
_MANY_THINGS = re.compile(
    r"(?i)\b(?:which|what)\s+(?:(?:two|three|four|five|six|several|other|all|are|were|are the|were the)\s+)?"
    rf"(?:{_NO_HEAD}[\w-]+\s+){{0,2}}?{_NO_HEAD}(?P<noun>[\w-]*[a-z](?<!s)(?<!u)(?<!i)s)\b"
    r"(?!\s+(?:the|a|an|his|her|its|their)\b)(?!\s+(?-i:[A-Z]))|"
    r"\bwho (?:are|were|all)\b|\bname (?:the|all|two|three|some)\b|\blist\b|"
    rf"\bwhat (?:kinds|types|sorts) of\b|{_BOTH}"
)
_MANY_HEADS = re.compile(
    r"(?i)^who\s+\w+\s+(?:the|both|all)\s+(?:[\w-]+\s+)?(?P<noun>[\w-]+[a-z](?<!s)(?<!u)(?<!i)s)\b"
)
_WHOEVER = re.compile(
    r"(?i)^(?:(?:and|but|so|then|by|to|with|for|from|against)[ ,]+)?who(?:m|se)?\b"
    r"(?!(?:[’']s| (?:is|was|became|becomes|will be|has been|had been))(?: (?:now|then|once|also))*"
    r" (?:the|an?|his|her|its|their|(?-i:[A-Z]\w*))\b)"
)
_HOW_MANY = re.compile(
    r"(?i)\b(?:which|what|the|both|name|list|are|were)\s+(?P<number>two|three|four|five|six|seven|eight|nine|ten|\d{1,2})\s+"
    rf"(?:[\w-]+\s+){{0,2}}?[\w-]*[a-z]s\b|{_BOTH}"
)
_NUMBERS = {w: n for n, w in enumerate("two three four five six seven eight nine ten".split(), start=2)}
_NOT_PLURAL = frozenset("is was has does news always perhaps its this us s as united states series species".split())


@dataclass(frozen=True, slots=True)
class Asked:
    """What kind of answer a question wants.

    several: whether it asks for several things, number: how many, where it says so ("which two areas"). whoever: it
    asks for one or several, as there are: "Who wrote it?".
    """

    sentence: bool
    several: bool
    number: int | None = None
    whoever: bool = False


def asked_for(question: str) -> Asked:
    """Tell what a question asks for. Yes/no, why, how and what-about questions want sentences."""
    text = " ".join(question.split())
    patterns = (_YES_NO, _ABOUT) if _OF_A_REASON.match(text) else (_YES_NO, _ABOUT, _REASON)
    sentence = any(pattern.search(text) for pattern in patterns)
    plural = [m for pattern in (_MANY_THINGS, _MANY_HEADS) if (m := pattern.search(text))]
    nouns = [m["noun"].casefold() for m in plural if m["noun"]]
    several = bool(plural) and (len(nouns) < len(plural) or any(noun not in _NOT_PLURAL for noun in nouns))
    whoever = not several and _WHOEVER.search(text) is not None
    return Asked(sentence, several, _number(text) if several else None, whoever)


def _number(text: str) -> int | None:
    match = _HOW_MANY.search(text)
    if match is None:
        return None
    number = 2 if match["both"] else _NUMBERS.get(match["number"].casefold()) or int(match["number"])
    return number if number > 1 else None
