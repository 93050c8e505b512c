"""Lines of a page that are not the article: comments, sharing, newsletters, cookies, credits, advertisements.

A line goes only when all of it is boilerplate. The patterns are exact in their words, since an article about cookies or
newsletters must keep every sentence: precision counts more than completeness.
"""

import re

_PERIOD = r"(?:(?:the|your) first )?(?:\d{1,3} )?(?:day|week|month|quarter|year)s?"
_PRICE = rf"(?:only |just |as little as )?[£$€¥] ?\d[\d.,]*(?: ?(?:a|per|/|every|for) ?{_PERIOD})?"
_STORY = r"(?:article|story|post|page|news|video|report|content|coverage|topic|reading)"
_STORIES = r"(?:stories|articles|content|news|reads?|posts|coverage|topics|links|reading|videos)"
_THIS = rf"(?:this|the) {_STORY}"
_SUBSCRIBE = (
    r"(?:subscribe|sign ?up|log ?in|sign ?in|register|join|become a (?:subscriber|member)|start (?:a|your) .{1,30}"
    r"trial)(?: now| today| here| for free)?"
)
_MORE_OF_IT = rf"(?:more|on|(?:the )?rest|(?:(?:this|the|our|your) )?(?:full |whole |rest of the )?(?:{_STORY}|text)s?)"
_READ = r"(?:read|keep reading|continue(?: reading)?|unlock|access|see|view)\b"
_OFFERS = (
    r"(?:get|enjoy|unlock|try|start|buy|gain|have) (?:your |a |our )?"
    r"(?:full|unlimited|digital|premium|complete|all[- ]digital|free|\d{1,3}[- ](?:day|week|month))\b"
    r"[\w'’ -]{0,40}?\b(?:access|trial|subscription|membership)\b(?:[,:;]? .{0,80})?",
    rf"(?:from |for |then ){_PRICE}|{_SUBSCRIBE} (?:for|from|at) {_PRICE}(?:,? then .{{1,60}})?",
    rf"{_SUBSCRIBE}(?:(?:,| or| and) {_SUBSCRIBE})? to {_READ}(?: {_MORE_OF_IT})?(?: for {_PRICE})?",
    rf"to {_READ}[\w ]{{0,30}},? (?:please |you (?:must|need to) )?{_SUBSCRIBE}(?: .{{1,80}})?",
    r"(?:choose|see|view|compare|find) (?:your|our|a|the|all) ?(?:subscription |membership )?(?:plan|offer|option)s?",
    r"(?:create|register for) (?:a|your) free account(?: (?:to|and) .{1,60})?",
    r"you(?:['’]ve| have) .{0,40}\b(?:limit|last|free)\b.{0,20}\b(?:articles?|stories|limit|views)\b.{0,40}",
    r"(?:this|the) (?:article|story|content) is (?:\w+ ){0,2}(?:for|to) (?:our |paying )*(?:subscribers|members)",
    r"(?:for )?subscribers only|complete digital access\b.{0,80}|cancel (?:at )?any ?time(?: during .{1,30})?",
    r"(?:already|not(?: yet)?) (?:a |an existing )?(?:subscriber|member|subscribed|registered)",
    _SUBSCRIBE,
)
_OFFER = re.compile("|".join(f"(?:{offer})" for offer in _OFFERS), re.IGNORECASE)
_ENDS = re.compile(r"(?<=[.!?…])\s+")


def is_offer(line: str) -> bool:
    """Return whether every sentence of a line is an offer or a note to those who have not paid."""
    sentences = [sentence.strip(" .!?…|") for sentence in _ENDS.split(line)]
    return any(sentences) and all(_OFFER.fullmatch(sentence) for sentence in sentences if sentence)


LONGEST_LINE = 320

_NET = r"(?:facebook|twitter|x|instagram|messenger|pinterest|reddit|bluesky|"
_NET += r"linkedin|youtube|whatsapp|telegram|tiktok|threads|google news|flipboard)"
_NETS = rf"{_NET}(?:(?:,? (?:and|&)|,|\s?[/|]) ?{_NET}){{0,8}}"
_BUTTON = rf"(?:{_NET}|share|tweet|e-?mail|print|copy link|link|comments?|save)"
_LETTERS = r"(?:newsletters?|updates|alerts|e-?mails?|mailing list|briefings?|bulletins?|push notifications)"

_COMMENTS = (
    r"(?:view |show |hide |see |read |post |add |leave |write |your |\d[\d,]* )?(?:a |all |your )?(?:comments?|reply)"
    r"(?: \(?\d[\d,]*\)?)?",
    r"be the first to (?:comment|reply)|your e-?mail address will not be published\b.{0,40}",
    r"comments (?:are|will be) moderated(?: and generally will be posted if they are on-topic and not abusive)?",
    r"for more information, please see our comments faq|replying to(?: @?[\w.'-]{1,40}){1,3}",
    r"(?:note: )?we are (?:now |temporarily )*moderating (?:all )?comments\b.{0,150}",
    rf"comments (?:are closed|are off|have been disabled|are disabled)(?: (?:for|on) {_THIS})?",
    r"(?:join|start) the (?:conversation|discussion)|have your say",
    rf"(?:please )?{_SUBSCRIBE}(?: or {_SUBSCRIBE})?(?: to (?:post|leave|write|add)(?: a| your)? comments?)?",
)
_SHARING = (
    rf"(?:click to |please )*(?:share|e-?mail|send|post|save|gift|print|pin|bookmark|listen to|tweet)"
    rf"(?: (?:this|it|a link)| {_THIS})?(?: to a friend)?(?:(?: on| via| to| with)? {_NETS}| (?:on|via))?"
    r"(?: \(opens in (?:a )?new window\))?",
    rf"(?:share this with )?{_BUTTON}(?:[ ,|/·•]{{1,3}}{_BUTTON}){{1,12}}|(?:share on {_NET} ?){{2,6}}",
    rf"copy link|(?:link )?copied|(?:like|enjoyed) this story\? share (?:it|{_THIS})(?: (?:on|via|with) .{{1,60}})?",
)
_FOLLOWING = (
    rf"(?:please )?(?:follow|like|find|join|connect with) us (?:on|at) {_NETS}(?:\W.{{0,120}})?|follow us",
    rf"follow (?:[@\w.'’-]+ ){{1,4}}on {_NETS}(?:,? (?:for|to|at|@).{{1,150}})?",
    rf"(?:click here to |please )?(?:sign ?up|subscribe|register)(?: here| now| today)? (?:for|to) (?:our|the|your)? ?"
    rf"(?:[\w'’:-]+ ){{0,6}}{_LETTERS}(?:\b.{{0,120}})?",
    rf"(?:join|subscribe to) our (?:[\w-]+ ){{0,3}}(?:{_NET}|channel)"
    r"(?: (?:channel|group|page|community))?(?: .{0,60})?",
    r"(?:get|have|receive) (?:(?:all )?the |our |more )?(?:[\w'’-]+ ){0,6}"
    rf"(?:{_STORIES}|{_LETTERS}|headlines|analysis) "
    r"(?:delivered |sent )?(?:straight |directly |right )?(?:to|in) your (?:e-?mail )?inbox.{0,80}",
    r"(?:enter|type) your e-?mail(?: address)?|(?:after|skip past) newsletter promotion|@\w{2,30}",
    r"privacy notice: newsletters may contain .{1,250}|(?:thank you|thanks) for (?:subscribing|signing up)",
    r"by (?:signing up|subscribing|registering), you (?:agree|accept|acknowledge|consent) .{1,200}",
    r"support (?:our|independent|quality|local)(?: [a-z]+)? journalism(?: (?:today|from|for|with|by)\b.{0,60})?",
    r"(?:do you have|have you got|got) (?:a|any|more) (?:story|stories|tips?|news)\b.{0,40}\? ?"
    r"(?:please )?(?:e-?mail|contact|call|get in touch|let us know|send)\b.{0,120}",
    r"(?:contact (?:the )?(?:reporter|author|writer)s?(?: at| on| via)?:? )?"
    r"[\w.+-]{1,40}@[\w-]{1,40}(?:\.[\w-]{1,20}){1,4}",
    r"unsubscribe(?: (?:here|now|from .{1,80}))?|manage (?:your )?(?:e-?mail )?(?:preferences|subscriptions?)",
    r"(?:view|open|read|see) (?:(?:this|the) )?(?:(?:e-?mail|newsletter|message|it) )?(?:online|in (?:your|a|the) "
    r"(?:web )?browser)",
    r"(?:you(?:['’]re| are) receiving|you (?:have )?received) this (?:e-?mail|newsletter|message) because .{1,250}",
)
_COOKIES_AND_RIGHTS = (
    r"(?:we|this (?:web ?)?site|our (?:web ?)?site) (?:and our partners )?uses? cookies (?:to|and|for|so|on)\b.{1,280}",
    r"(?:accept|reject|manage|allow)(?: all)?(?: cookies)?|cookie (?:policy|settings|preferences)",
    r"privacy policy|terms (?:of use|of service|and conditions|& conditions)",
    r"(?:copyright )?(?:©|\(c\) ?\d{4}\b|(?<=copyright )\d{4}\b).{0,120}|all rights reserved",
    r"(?:eds|editors?)(?: note)?: .{0,250}|(?:the )?associated press",
    r"our standards: the thomson reuters trust principles|for immediate release",
    r"this material may not be published, broadcast, rewritten,? or redistributed.{0,80}",
)
_ADVERTISEMENTS = (
    r"[(\[]?advertise?ments?[)\]]?(?: ?[-–—:.] ?(?:continue reading below|scroll to continue|story continues below))?",
    r"(?:story|article|content|text|post) continues (?:below|after)(?: (?:this|the))?"
    r"(?: (?:advertisement|ad|video|image|photo))?",
    r"(?:sponsored|promoted)(?: content| post| links?| stories)?|skip (?:ad|advertisement)|advertise with us",
)
_MORE = (
    r"(?:also,? |must )?(?:read|see|watch)(?: also| more| next)? ?[:|»>] ?.{0,250}",
    r"(?:related|recommended|more to read|don['’]t miss|you may (?:also )?like)"
    rf"(?: {_STORY})? ?[:|»>] ?.{{0,250}}",
    r"(?:click here to )?(?:read (?:more|also|next)|also read|see also|continue reading|keep reading)|up next",
    r"don['’]t miss|recommended for you|more on this (?:story|topic)|continue reading the main story",
    r"more from (?:[\w'’&-]+ ){0,3}[\w'’&-]+|reuse this content",
    r"this (?:article|story) (?:was|is) (?:originally |first )?(?:re)?published (?:on|by|from|in) .{1,120}\. "
    r"read the original(?: article)?",
    r"(?:lesen sie(?: auch| dazu| mehr)?|mehr (?:zum thema|dazu)|auch interessant|das könnte sie auch interessieren|"
    r"(?:à )?lire (?:aussi|également)|sur le même sujet|lea (?:también|además)|(?:te|le) puede interesar|"
    r"más información|leia (?:também|mais)|veja também|leggi anche|lees ook|läs (?:också|mer|även)|les (?:også|mer)|"
    r"læs også)(?: ?[:|»>–] ?.{0,250})?",
    r"the post .{1,250} (?:appeared first on|first appeared on) .{1,120}",
    rf"read (?:the )?(?:full|whole|rest of) (?:{_THIS}|{_STORY})",
    rf"(?:related|recommended|trending|popular|latest|more|top|similar) {_STORIES}(?: (?:for you|from .{{1,40}}))?",
    r"most (?:read|viewed|popular|shared|recent)|trending(?: now| topics)?|editor['’]?s['’]? picks?",
    r"you (?:may|might) (?:also )?(?:like|be interested in)",
    r"(?:tags?|(?:related )?topics?|filed under|more about|posted in|read more about) ?: ?.{0,200}",
)
_PICTURE = r"(?:photo(?:graph)?|image|picture)s?"
_CREDIT = rf"(?:(?:file )?{_PICTURE}(?: (?:credit|source|courtesy))?|credits?)"
_AGENCY = (
    r"(?:reuters|ap(?: photo)?|afp|pa(?: media| wire)?|epa(?:-efe)?|upi|getty(?: images)?|alamy|shutterstock|istock|"
    r"unsplash|pixabay)"
)
_CAPTIONS = (
    rf"\(? ?(?:representational|representative|illustrative|file|archive|stock) {_PICTURE} ?\)?",
    rf"[(\[] ?{_CREDIT} ?(?::|by\b|courtesy of\b|©).{{1,120}}[)\]]",
    rf"{_CREDIT} ?: ?(?!the |an? |it |he |she |they |we )\S+(?: \S+){{0,7}}",
    rf"(?:{_PICTURE}|illustration|graphic|video|map) (?:by|courtesy of) \S+(?: \S+){{0,6}}",
    r"(?:file photo|image caption|image source)(?: ?:|,| [-–—]) ?.{1,300}",
    rf"[\w.' -]{{3,40}}(?: ?(?:/|\||via) ?{_AGENCY}){{1,2}}(?: ?/ ?(?:file|pool)(?: photo)?)?|getty images",
    rf"{_AGENCY} ?/ ?[\w.' -]{{3,40}}(?: ?/ ?(?:file|pool)(?: photo)?)?",
)
_PAGE = (
    r"skip to (?:main )?(?:content|navigation)|back to (?:the )?(?:top|front page|home ?page|start page)|loading",
    r"\d{1,2}[- ]min(?:ute)?s? read|view image in full ?screen|please enable javascript\b.{0,80}",
    r"watch(?: now| live)?|watch(?: the)? (?:full )?video(?: here| below| above)?",
)
_PATTERNS = (*_COMMENTS, *_SHARING, *_FOLLOWING, *_COOKIES_AND_RIGHTS, *_ADVERTISEMENTS, *_MORE, *_CAPTIONS, *_PAGE)
_BOILERPLATE = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
_RULE = re.compile(r"[-=_*~•·.\s#|+<>\\/^—–─-╿]{2,}+")
_ADDRESS = re.compile(r"\s*[(<\[]?https?://[^\s()<>]{1,250}[)>\]]?$")  # where a mail's link leads
_BARS = re.compile(r" [|•·] ")
_EDGES = " \t-–—•·*>»›→|<«"


def is_boilerplate(line: str) -> bool:
    """Return whether a whole line of a page is boilerplate, a rule or an empty bullet, not a part of the article."""
    if len(line) > LONGEST_LINE:
        return False
    if _RULE.fullmatch(line):
        return True
    inner = _ADDRESS.sub("", line.strip(_EDGES))
    return _is_alone(inner) or all(map(_is_alone, _BARS.split(inner))) or is_offer(inner)


def _is_alone(words: str) -> bool:
    return _BOILERPLATE.fullmatch(words.strip(_EDGES).rstrip(".!:… ")) is not None
