"""The forms of news sentences that answer a question by themselves: patterns, and the words that tell the same."""

import re

NAME = r"[A-Z][\w’'-]+(?: (?:[A-Z]\.|de|van|von|al|bin|[A-Z][\w’'-]+)){0,2} [A-Z][a-z][\w’'-]+"
_ANY_NAME = r"(?:the )?[A-Z][\w’'&-]+(?: (?:of |for |the |and )?[A-Z][\w’'&-]+){0,4}"
_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
POSTS = (
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
DOES = {
    "president": "leads",
    "director": "runs",
    "head": "heads",
    "chief executive": "runs",
    "chairman": "chairs",
    "chairwoman": "chairs",
    "chair": "chairs",
    "leader": "leads",
    "founder": "founded",
    "owner": "owns",
    "manager": "manages",
    "coach": "coaches",
    "editor": "edits",
    "spokesman": "speaks for",
    "spokeswoman": "speaks for",
}
"""What who holds a post does with what it is of."""
ONE_OF_MANY = ("analyst", "member", "expert", "researcher", "scientist")
_POST = rf"(?:[\w’'-]+ ){{0,4}}?(?:{'|'.join(sorted(POSTS, key=len, reverse=True))})"
APPOSITION = re.compile(
    rf"(?P<name>{NAME}), (?:(?P<age>[1-9]\d), )?(?:(?:who is|and) )?(?:the |a |an |its |their |his |her )?"
    rf"(?P<post>{_POST}(?: (?:of|at|for|in|with|on) (?P<where>(?:the )?[\w’'&() -]{{3,50}}?))?)(?=[,.;]| who | said)"
)
TITLE = re.compile(
    rf"(?:(?P<where>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?) )?"
    r"(?P<title>(?:Deputy |Vice |Former |Acting )?(?:Mayor|Governor|Gov\.|President|Prime Minister|Premier|Chancellor|"
    r"Senator|Sen\.|Police Chief|Fire Chief|Sheriff|Attorney General|"
    r"(?:Foreign|Finance|Health|Interior|Defen[cs]e|Education|Justice) Minister|"
    r"(?:Foreign|Home|Health|Treasury|Defense) Secretary|Secretary of State|Chief Executive|Judge|Professor))"
    rf" (?P<name>{NAME})\b"
)
AGE = re.compile(rf"(?P<name>{NAME}), (?P<age>[1-9]\d),")
DEEDS = {
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
DEED = re.compile(
    rf"(?:^|[,;—–] |that |and |while |when |as |where )(?P<name>{_ANY_NAME})(?:, [^,.;]{{3,60}},)? "
    rf"(?P<deed>{'|'.join(DEEDS)}) (?P<what>(?:the |a |an |its |his |her |their |[A-Z])[\w’'$%. -]{{4,60}}?)"
    rf"(?P<when> (?:in|on) (?:[12]\d{{3}}|{_WEEKDAY}|{_MONTH} \d{{1,2}}(?:, \d{{4}})?))?"
    r"(?=[,.;:]| after | when | who | with | to | at | for | and | by |$)"
)
BY = re.compile(
    rf"(?:^|[,;] |that )(?P<what>(?:[Tt]he |[A-Z])[\w’' -]{{4,50}}?),? (?:which )?(?P<be>was|were) "
    r"(?P<deed>founded|signed|led|written|directed|designed|approved|killed|arrested|built|owned|bought|opened|launched|"
    rf"chaired|hosted|made|sponsored|run|invented|organi[sz]ed) by (?P<name>{_ANY_NAME})"
)
HELD = re.compile(
    r"(?:^|[,;] |that )(?P<what>(?:[Tt]he |[A-Z])[\w’' -]{4,50}?),? (?:which )?(?P<be>was|were|will be|is) "
    r"(?P<deed>held|born|arrested|killed|found|buried|shot|based|opened|built|hidden|seen|taken) "
    r"(?P<where>(?:in|at|near|outside) (?:the |a )?[A-Za-z’'. -]{3,45}?)"
    rf"(?P<when> on (?:{_WEEKDAY}|{_MONTH} \d{{1,2}}(?:, \d{{4}})?)| in [12]\d{{3}})?"
    r"(?=[,.;]| and | after | when | before )"
)
HAPPENED = re.compile(
    r"(?:^|[,;] |that )(?P<what>(?:[Tt]he |[A-Z])[\w’' -]{4,50}?),? (?:which )?"
    r"(?P<deed>began|started|opened|closed|ended|died|resigned|retired|arrived|took effect|took place|expires|"
    rf"begins|ends|opens)(?: in [A-Z][\w’' -]{{2,25}}?)? (?P<when>on (?:{_WEEKDAY}|{_MONTH} \d{{1,2}}(?:, \d{{4}})?)|"
    rf"in (?:[12]\d{{3}}|{_MONTH}(?: \d{{4}})?))\b"
)
BASE = {
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
LIKE = {"begin": "start", "start": "begin", "close": "shut", "end": "come to an end", "die": "pass away"}
COUNT = re.compile(
    r"(?P<many>(?:(?i:at least|about|more than|nearly|some) )?(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|dozens|hundreds)) (?P<who>people|workers|students|soldiers|children|women|men|passengers|"
    r"protesters|officers|homes|houses|jobs|employees|residents|prisoners|members|teachers|cases|civilians)"
    r"(?: were| have been| had been| was)? "
    r"(?P<deed>killed|injured|wounded|arrested|hurt|missing|rescued|evacuated|dismissed|laid off|charged|displaced|"
    r"destroyed|damaged|lost|infected|died|dead|reported|hospitali[sz]ed)\b"
)
SAME_DEED = {
    "killed": "killed|left dead",
    "died": "killed",
    "dead": "killed",
    "injured": "injured|hurt|wounded",
    "wounded": "wounded|hurt|injured",
    "hurt": "hurt|injured",
    "arrested": "arrested|detained|taken into custody",
    "laid off": "laid off|let go",
}
POSSESSED = re.compile(r"['’]s?\b|['’]$")
PRONOUN = re.compile(
    r"^(?:He|She|It|They|We|I|You|This|That|These|Those|There|Who|What|But|And|The|A|An|In|On|As|If|So|Yet|When|While|Then|After)\b"
)
NO_PLACE = re.compile(
    r"(?:He|She|It|They|We|But|And|The|A|An|In|On|As|When|That|Then|Former|Republican|Democratic|Democrat|Then-\w+|Mr|Mrs|Dr|U|Fund|"
    r"Congress|Ed|Yet|St)\b"
)
STOP = re.compile(r"(?i)\b(?:who|which|that|he|she|they|it|i|we|you)\b")
