"""Whether a sentence speaks of what was or of what will be, at one place in it: cues, not a parse."""

import re

REACH = 300
"""How many characters before and after a place are looked at."""

_VERBS = (
    "be|meet|hold|vote|begin|start|visit|attend|discuss|decide|announce|release|speak|host|face|play|return|travel|take|"
    "make|open|close|end|resume|launch|sign|testify|appear|hear|consider|unveil|publish|present|deliver|arrive|join|mark|"
    "debate|run|leave|give|address|go|come|see|get|lead|submit|respond|reach|finish|expire|stay|pay|rule|choose|elect|win|secure"
)
_FUTURE = (
    r"will|won['’]t|shall|would|wouldn['’]t|could|may|might|must|should|['’]ll|going to|scheduled|"
    r"due(?! to (?:the|a|an|his|her|its|their)\b)|slated|planned|plans?|"
    r"planning|expected|expects?|hopes?|aims?|vows?|set (?:to|for)|upcoming|ahead of|deadline|"
    r"(?:postponed|rescheduled|adjourned|delayed|extended|moved|pushed)(?: [a-z]+){0,2} (?:to|until|till|for)|"
    r"begins?|starts?|opens?|kicks? off|resumes?|takes? (?:place|effect)|airs?|premieres?|debuts?|expires?|launches|"
    r"meets|hosts|faces|plays|visits|returns|arrives|departs|travels|is (?:on )?$|are (?:on )?$|"
    r"(?:is|are) (?:playing|facing|hosting|meeting|holding|visiting|heading|traveling|travelling|coming|releasing)|"
    rf"to (?:{_VERBS})"
)
_IRREGULAR = (
    "said|was|were|had|did|went|came|made|took|told|met|held|spoke|began|left|won|lost|fell|rose|led|found|got|gave|saw|"
    "sent|sat|stood|struck|shot|hit|cut|put|broke|built|brought|bought|fought|caught|taught|thought|sought|paid|laid|kept|"
    "felt|became|drew|drove|flew|grew|knew|threw|wrote|sold|spent|heard|ran|sank|swore|wore|woke|chose|froze|stole|hung|"
    "fled|fed|bled|sped|shut|spread|beat|bid|cast|cost|hurt|quit|split|been|born|dealt|slid|shook|slept|swept|withdrew|"
    "overcame|rode|sang|understood|upheld|tore|bit|lit|says|comes|follows|marks"
)
_BEGUN = "began|started|continued|managed|failed|refused|declined|used|helped|tried|forced|appeared|seemed|rushed"
_CUE = re.compile(
    rf"\b(?:(?P<past_to>(?:{_BEGUN}) to [a-z]+)|(?P<future>{_FUTURE})(?![\w])"
    rf"|(?P<past>(?:{_IRREGULAR})(?![\w’'])|(?<!\bbe )[a-z]{{2,}}ed(?![\w])))"
)
_NOT_PAST = frozenset(
    "need indeed speed exceed proceed hundred sacred feed seed breed weed naked wicked red bed shed embed succeed wed "
    "unprecedented united supposed".split()
)
_BOUNDARY = re.compile(
    r"(?<!Mr)(?<!Mrs)(?<!Ms)(?<!Dr)(?<!Gen)(?<!Sen)(?<!Rep)(?<!Gov)(?<!Lt)(?<!Col)(?<!St)(?<!Sgt)(?<!Capt)(?<!Prof)"
    r"(?<![ .][A-Z])[.!?…][\"'”’)\]]{0,3}[ \t]{1,3}(?=[\"'“‘(\[]?[A-Z])|[:;] |\n"
)


def is_future(text: str, start: int, end: int) -> bool | None:
    """Return whether what is at `text[start:end]` is yet to come, as its sentence tells; None when nothing tells.

    The nearest cue before it in its sentence decides, else the first one after it.
    """
    before = text[max(0, start - REACH) : start]
    boundary = 0
    for match in _BOUNDARY.finditer(before):
        boundary = match.end()
    told: bool | None = None
    for match in _CUE.finditer(before, boundary):
        verdict = _verdict(match)
        told = told if verdict is None else verdict
    if told is not None:
        return told
    after = text[end : end + REACH]
    stop = _BOUNDARY.search(after)
    for match in _CUE.finditer(after, 0, stop.start() + 1 if stop else len(after)):
        verdict = _verdict(match)
        if verdict is not None:
            return verdict
    return None


def _verdict(cue: re.Match[str]) -> bool | None:
    if cue["future"] is not None:
        return True
    return None if cue["past"] in _NOT_PAST else False
