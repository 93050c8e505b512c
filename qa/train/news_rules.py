"""Questions that sentences of news answer by their very form, with where the answer stands.

An apposition says who holds a post, a title before a name what someone is, "X founded Y in 1908" who did what and when.
The rules would rather be silent than wrong: a sentence that fits none of them asks nothing.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence

Asked = tuple[str, tuple[int, int] | None]
"""A question, and the characters of the sentence that answer it: None where its passage cannot tell."""

NAME = r"[A-Z][\w’'-]+(?: (?:[A-Z]\.|de|van|von|al|bin|[A-Z][\w’'-]+)){0,2} [A-Z][a-z][\w’'-]+"
_ANY_NAME = r"(?:the )?[A-Z][\w’'&-]+(?: (?:of |for |the |and )?[A-Z][\w’'&-]+){0,4}"
_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_POSTS = (
    "president",
    "vice president",
    "director",
    "executive director",
    "chief executive",
    "chief",
    "head",
    "minister",
    "secretary",
    "mayor",
    "governor",
    "chairman",
    "chairwoman",
    "chair",
    "leader",
    "manager",
    "coach",
    "founder",
    "owner",
    "editor",
    "commissioner",
    "ambassador",
    "coordinator",
    "commander",
    "superintendent",
    "principal",
    "treasurer",
    "captain",
    "spokesman",
    "spokeswoman",
    "spokesperson",
    "professor",
    "analyst",
    "economist",
    "lawyer",
    "attorney",
    "judge",
    "researcher",
    "author",
    "partner",
    "fellow",
    "member",
    "adviser",
    "officer",
    "general",
    "sheriff",
    "historian",
    "scientist",
)
_ONE_OF_MANY = ("analyst", "member", "expert", "researcher", "scientist")
_POST = rf"(?:[\w’'-]+ ){{0,4}}?(?:{'|'.join(sorted(_POSTS, key=len, reverse=True))})"
_APPOSITION = re.compile(
    rf"(?P<name>{NAME}), (?:(?P<age>[1-9]\d), )?(?:(?:who is|and) )?(?:the |a |an |its |their |his |her )?"
    rf"(?P<post>{_POST}(?: (?:of|at|for|in|with|on) (?P<where>(?:the )?[\w’'&() -]{{3,50}}?))?)(?=[,.;]| who | said)"
)
_TITLE = re.compile(
    rf"(?:(?P<where>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?) )?"
    r"(?P<title>(?:Deputy |Vice |Former |Acting )?(?:Mayor|Governor|Gov\.|President|Prime Minister|Premier|Chancellor|"
    r"Senator|Sen\.|Police Chief|Fire Chief|Sheriff|Attorney General|"
    r"(?:Foreign|Finance|Health|Interior|Defen[cs]e|Education|Justice) Minister|"
    r"(?:Foreign|Home|Health|Treasury|Defense) Secretary|Secretary of State|Chief Executive|Judge|Professor))"
    rf" (?P<name>{NAME})\b"
)
_AGE = re.compile(rf"(?P<name>{NAME}), (?P<age>[1-9]\d),")
_DEEDS = {
    "founded": ("founded", "started", "set up"),
    "co-founded": ("co-founded", "helped to start"),
    "established": ("established", "set up", "founded"),
    "signed": ("signed", "put their name to"),
    "won": ("won", "took"),
    "led": ("led", "headed", "was in charge of", "was at the head of"),
    "leads": ("leads", "heads", "runs", "is in charge of"),
    "heads": ("heads", "leads", "is the head of", "runs"),
    "runs": ("runs", "manages", "is in charge of"),
    "chairs": ("chairs", "is the chair of", "heads"),
    "chaired": ("chaired", "presided over", "headed"),
    "owns": ("owns", "is the owner of"),
    "bought": ("bought", "purchased", "acquired"),
    "acquired": ("acquired", "bought"),
    "sold": ("sold", "parted with"),
    "defeated": ("defeated", "beat"),
    "beat": ("beat", "defeated"),
    "directed": ("directed", "was the director of"),
    "wrote": ("wrote", "is the author of"),
    "hosted": ("hosted", "was the host of"),
    "opened": ("opened",),
    "announced": ("announced", "made known"),
    "rejected": ("rejected", "turned down"),
    "approved": ("approved", "agreed to"),
    "criticized": ("criticized", "found fault with"),
    "replaced": ("replaced", "took over from", "succeeded"),
    "succeeded": ("succeeded", "came after"),
    "coached": ("coached", "was the coach of"),
    "designed": ("designed", "drew up"),
    "played": ("played",),
    "killed": ("killed",),
    "proposed": ("proposed", "put forward", "suggested"),
    "launched": ("launched", "started"),
    "sponsored": ("sponsored",),
    "represents": ("represents", "speaks for"),
    "mediated": ("mediated",),
    "appointed": ("appointed", "named"),
    "sued": ("sued", "took to court"),
    "visited": ("visited", "went to see"),
    "called for": ("called for", "demanded"),
}
_DEED = re.compile(
    rf"(?:^|[,;—–] |that |and |while |when |as |where )(?P<name>{_ANY_NAME})(?:, [^,.;]{{3,60}},)? "
    rf"(?P<deed>{'|'.join(_DEEDS)}) (?P<what>(?:the |a |an |its |his |her |their |[A-Z])[\w’'$%. -]{{4,60}}?)"
    rf"(?P<when> (?:in|on) (?:[12]\d{{3}}|{_WEEKDAY}|{_MONTH} \d{{1,2}}(?:, \d{{4}})?))?"
    r"(?=[,.;:]| after | when | who | with | to | at | for | and | by |$)"
)
_BY = re.compile(
    rf"(?:^|[,;] |that )(?P<what>(?:[Tt]he |[A-Z])[\w’' -]{{4,50}}?),? (?:which )?(?P<be>was|were) "
    r"(?P<deed>founded|signed|led|written|directed|designed|approved|killed|arrested|built|owned|bought|opened|launched|"
    rf"chaired|hosted|made|sponsored|run|invented|organi[sz]ed) by (?P<name>{_ANY_NAME})"
)
_HELD = re.compile(
    r"(?:^|[,;] |that )(?P<what>(?:[Tt]he |[A-Z])[\w’' -]{4,50}?),? (?:which )?(?P<be>was|were|will be|is) "
    r"(?P<deed>held|born|arrested|killed|found|buried|shot|based|opened|built|hidden|seen|taken) "
    r"(?P<where>(?:in|at|near|outside) (?:the |a )?[A-Za-z’'. -]{3,45}?)"
    rf"(?P<when> on (?:{_WEEKDAY}|{_MONTH} \d{{1,2}}(?:, \d{{4}})?)| in [12]\d{{3}})?"
    r"(?=[,.;]| and | after | when | before )"
)
_HAPPENED = re.compile(
    r"(?:^|[,;] |that )(?P<what>(?:[Tt]he |[A-Z])[\w’' -]{4,50}?),? (?:which )?"
    r"(?P<deed>began|started|opened|closed|ended|died|resigned|retired|arrived|took effect|took place|expires|"
    rf"begins|ends|opens)(?: in [A-Z][\w’' -]{{2,25}}?)? (?P<when>on (?:{_WEEKDAY}|{_MONTH} \d{{1,2}}(?:, \d{{4}})?)|"
    rf"in (?:[12]\d{{3}}|{_MONTH}(?: \d{{4}})?))\b"
)
_BASE = {
    "began": "begin",
    "started": "start",
    "opened": "open",
    "closed": "close",
    "ended": "end",
    "died": "die",
    "resigned": "resign",
    "retired": "retire",
    "arrived": "arrive",
    "took effect": "take effect",
    "took place": "take place",
    "expires": "expire",
    "begins": "begin",
    "ends": "end",
    "opens": "open",
}
_LIKE = {"begin": "start", "start": "begin", "close": "shut", "end": "come to an end", "die": "pass away"}
_COUNT = re.compile(
    r"(?P<many>(?:(?i:at least|about|more than|nearly|some) )?(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|dozens|hundreds)) (?P<who>people|workers|students|soldiers|children|women|men|passengers|"
    r"protesters|officers|homes|houses|jobs|employees|residents|prisoners|members|teachers|cases|civilians)"
    r"(?: were| have been| had been| was)? "
    r"(?P<deed>killed|injured|wounded|arrested|hurt|missing|rescued|evacuated|dismissed|laid off|charged|displaced|"
    r"destroyed|damaged|lost|infected|died|dead|reported|hospitali[sz]ed)\b"
)
_SAME_DEED = {
    "killed": "killed|left dead",
    "died": "killed",
    "dead": "killed",
    "injured": "injured|hurt|wounded",
    "wounded": "wounded|hurt|injured",
    "hurt": "hurt|injured",
    "arrested": "arrested|detained|taken into custody",
    "laid off": "laid off|let go",
}
_POSSESSED = re.compile(r"['’]s?\b|['’]$")
_PRONOUN = re.compile(
    r"^(?:He|She|It|They|We|I|You|This|That|These|Those|There|Who|What|But|And|The|A|An|In|On|As|If|So|Yet|When|While|Then|After)\b"
)
_NO_PLACE = re.compile(
    r"(?:He|She|It|They|We|But|And|The|A|An|In|On|As|When|That|Then|Former|Republican|Democratic|Democrat|Then-\w+|Mr|Mrs|Dr|U|Fund|"
    r"Congress|Ed|Yet|St)\b"
)
_STOP = re.compile(r"(?i)\b(?:who|which|that|he|she|they|it|i|we|you)\b")


def ask(sentence: str, random_: random.Random) -> Iterator[Asked]:
    """Give the questions that a sentence answers by its form, each with its answer's characters in the sentence."""
    for rule in _RULES:
        yield from rule(sentence, random_)


def posts_unlike(post: str, text: str, random_: random.Random) -> str | None:
    """Return a post of another kind of which the text does not speak."""
    lowered = text.casefold()
    others = [each for each in _POSTS[:26] if each.split()[-1] not in lowered and each not in post]
    return random_.choice(others) if others else None


def _posts(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in _APPOSITION.finditer(sentence):
        name, post, where = match["name"], match["post"], match["where"]
        if _PRONOUN.match(name) or _POSSESSED.search(name) or _STOP.search(post) or " and " in (where or ""):
            continue
        asked = [f"Who is the {post}?"] if not _POSSESSED.search(post.split(" ")[0]) else [f"Who is {post}?"]
        kind = post.split(" of ")[0].split(" at ")[0].split(" for ")[0]
        if where:
            if not kind.endswith(_ONE_OF_MANY):
                asked.append(f"Who serves as {post}?")
            if not _POSSESSED.search(where) and where[0].isupper():
                asked.append(f"Who is {_possessive(where)} {kind}?")
            heads = {"president": "leads", "director": "runs", "head": "heads", "chief executive": "runs"}
            heads |= {"chairman": "chairs", "chairwoman": "chairs", "chair": "chairs", "leader": "leads"}
            heads |= {"founder": "founded", "owner": "owns", "manager": "manages", "coach": "coaches"}
            heads |= {"editor": "edits", "spokesman": "speaks for", "spokeswoman": "speaks for"}
            if verb := heads.get(kind):
                asked += 2 * [f"Who {verb} {where}?"]
        yield random_.choice(asked), match.span("name")
        asked = [f"What is {_possessive(name)} {word}?" for word in ("job", "title", "position", "post", "role")]
        asked += [f"What post does {name} hold?", f"Who is {name}?", f"What does {name} do?", f"What is {name}?"]
        yield random_.choice(asked), match.span("post")


def _titles(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in _TITLE.finditer(sentence):
        title, where, name = match["title"], match["where"], match["name"]
        if _POSSESSED.search(name):
            continue
        said = title if title.endswith(".") else title.lower()
        if where and not _NO_PLACE.match(where):
            asked = [f"Who is the {where} {said}?"]
            if said in ("mayor", "sheriff", "police chief", "fire chief") and "’" not in where and "'" not in where:
                asked = [f"Who is the {said} of {where}?", f"Who is {_possessive(where)} {said}?"]
            yield random_.choice(asked), match.span("name")
        asked = [f"What is {_possessive(name)} title?", f"What office does {name} hold?", f"What is {name}?"]
        asked += [f"What position does {name} have?", f"What is the job of {name}?"]
        yield random_.choice(asked), match.span("title")


def _ages(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in _AGE.finditer(sentence):
        name = match["name"]
        family = name.rsplit(" ", 1)[-1]
        asked = [f"How old is {name}?", f"What is the age of {name}?", f"How old is {family}?"]
        yield random_.choice(asked), match.span("age")


def _deeds(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in _DEED.finditer(sentence):
        what, when = match["what"], match["when"]
        if _PRONOUN.match(match["name"]) and not match["name"].startswith("The "):
            continue
        if re.match(r"(?:its|his|her|their) ", what):
            continue
        verb = random_.choice(_DEEDS[match["deed"]])
        start, end = match.span("name")
        start += 4 if match["name"].startswith(("the ", "The ")) else 0
        yield f"Who {verb} {what}?", (start, end)
        if when and match["deed"] in ("founded", "signed", "won", "opened", "bought", "launched", "announced"):
            base = {"founded": "found", "won": "win", "bought": "buy"}.get(match["deed"], match["deed"][:-2])
            base += "e" if base in ("announc",) else ""
            yield f"When did {match['name']} {base} {what}?", _without_word(match, "when")
    for match in _BY.finditer(sentence):
        if not _PRONOUN.match(match["what"]) or match["what"].startswith("The "):
            what = _lowered(match["what"])
            asked = [f"Who {match['be']} {what} {match['deed']} by?", f"By whom {match['be']} {what} {match['deed']}?"]
            yield random_.choice(asked), match.span("name")


def _places(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in _HELD.finditer(sentence):
        what = match["what"]
        if _PRONOUN.match(what) and not what.startswith("The "):
            continue
        what, be, deed = _lowered(what), match["be"], match["deed"]
        where = [f"Where {be} {what} {deed}?", f"In which place {be} {what} {deed}?"]
        if deed == "held":
            where += [f"Where did {what} take place?", f"Where did they hold {what}?"]
        yield random_.choice(where), _without_word(match, "where")
        if match["when"]:
            yield f"When {be} {what} {deed}?", _without_word(match, "when")


def _times(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in _HAPPENED.finditer(sentence):
        what = match["what"]
        if (_PRONOUN.match(what) and not what.startswith("The ")) or _STOP.search(what):
            continue
        base = _BASE[match["deed"]]
        base = random_.choice((base, _LIKE.get(base, base)))
        does = "does" if match["deed"].endswith("s") else "did"
        asked = [f"When {does} {_lowered(what)} {base}?"]
        if "day" in match["when"]:
            asked.append(f"On which day {does} {_lowered(what)} {base}?")
        yield random_.choice(asked), _without_word(match, "when")


def _counts(sentence: str, random_: random.Random) -> Iterator[Asked]:
    for match in _COUNT.finditer(sentence):
        deed = random_.choice(_SAME_DEED.get(match["deed"], match["deed"]).split("|"))
        be = "are" if deed == "missing" else "were"
        yield f"How many {match['who']} {be} {deed}?", match.span("many")


_RULES: Sequence[Callable[[str, random.Random], Iterator[Asked]]] = (
    _posts,
    _titles,
    _ages,
    _deeds,
    _places,
    _times,
    _counts,
)


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _lowered(what: str) -> str:
    return what[0].lower() + what[1:] if what.startswith("The ") else what


def _without_word(match: re.Match[str], group: str) -> tuple[int, int]:
    """Return the group's characters without the "in", "on" or "at" before it."""
    text = match[group]
    lead = len(text) - len(text.lstrip())
    word = re.match(r"(?:in|on|at) (?:the |a )?", text.lstrip())
    return match.start(group) + lead + (word.end() if word else 0), match.end(group)
