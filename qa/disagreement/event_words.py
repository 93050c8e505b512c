"""Words that tell one kind of event from another, and the irregular verbs among them."""

_IRREGULAR = (
    "die died death dead dying",
    "kill killed",
    "rise rose risen",
    "take took taken",
    "break broke broken",
    "win won",
    "lead led",
    "hold held",
    "build built",
    "leave left",
    "find found",
    "shoot shot",
    "begin began begun",
    "strike struck",
    "drive drove driven",
    "give gave given",
    "sell sold",
    "buy bought",
    "pay paid",
    "fall fell fallen",
    "sink sank sunk",
    "fly flew flown",
    "write wrote written",
    "meet met",
    "lose lost",
    "steal stole stolen",
    "send sent",
    "beat beaten",
    "come came",
    "cut cutting",
    "weigh weighed",
    "free freed",
)
STEMS = {form: line.split()[0] for line in _IRREGULAR for form in line.split()}
TYPE_WORDS = frozenset(
    "time day date year month hour country city town place state team company person man woman name number share "
    "percentage amount total figure count long far old big large high deep tall wide heavy hot fast often many much "
    "organisation organization group party post job position title role".split()
)
HARM = (
    ("killed", r"kill\w*|die[sd]?|dead|deaths?|dying|bod(?:y|ies)|fatal\w*|toll|drown\w*|lost their lives|perish\w*"),
    ("hurt", r"injur\w*|wound\w*|hurt|hospitali[sz]ed"),
    ("missing", r"missing|unaccounted"),
    ("displaced", r"displaced|evacuat\w*|homeless|fled|(?:left|leave|flee) their homes|shelters?"),
    ("arrested", r"arrest\w*|detain\w*|custody"),
    ("infected", r"infect\w*|cases|sickened|tested positive"),
    ("rescued", r"rescue\w*|saved|survivors?|survived|brought out"),
    ("destroyed", r"destroy\w*|burned down|burnt down|razed|flattened|unfit"),
    ("damaged", r"damag\w*"),
    ("walked out", r"walk\w* out|went on strike|on strike"),
    ("hired", r"hir(?:e|es|ed|ing)|added"),
    ("dismissed", r"laid off|lay off|dismiss\w*|fired|cut"),
)
PHASE = (
    ("begin", r"beg[aiu]n\w*|start(?:s|ed|ing)?|open(?:s|ed|ing)?|launch\w*|broke out|walked out"),
    ("end", r"end(?:s|ed|ing)?|finish\w*|clos(?:e|es|ed|ing)|over|wrapped up|conclud\w*"),
    ("build", r"buil[dt]\w*|put up|erected|construct\w*|open(?:s|ed|ing)?|complet\w*"),
    ("agree", r"approv\w*|agree\w*|sign(?:s|ed|ing)?|ratif\w*|struck|strike a deal"),
    ("vote", r"vot(?:e|es|ed|ing)|approv\w*|pass(?:ed)?"),
    ("arrest", r"arrest\w*|detain\w*|caught"),
    ("charge", r"charg\w*|indict\w*|accus\w*|plead\w*"),
    ("sentence", r"sentenc\w*|convict\w*|verdict"),
    ("suspend", r"suspend\w*|put on leave|on leave"),
    ("resign", r"resign\w*|stepp?(?:ed|s)? down|quit"),
    ("release", r"releas\w*|free[ds]?|let go"),
    ("announce", r"announc\w*|unveil\w*"),
    ("born", r"born|birth"),
    ("die", r"die[sd]?|death|killed"),
    ("arrive", r"arriv\w*|land(?:s|ed|ing)?|reach(?:ed)?"),
    ("depart", r"depart\w*|left|leaves?|set sail|took off"),
    ("inspect", r"inspect\w*"),
    ("return", r"return\w*|reopen\w*|resum\w*"),
    ("found", r"found(?:ed|ing)"),
)
WISH = (
    ("wants", r"wants?|wanted|demand\w*|seeks?|sought|ask(?:s|ed)? for|call(?:s|ed) for|propos\w*"),
    ("offers", r"offer\w*"),
    ("expects", r"expect\w*|forecast\w*|project(?:ed|s)|predict\w*|could|(?-i:may)|might|likely|aims?|hopes?|target\w*|"
     r"goal|plan(?:s|ned)?(?: to)?|suppos\w* to|intend\w*|budgeted"),
)  # fmt: skip
