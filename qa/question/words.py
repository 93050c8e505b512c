"""The words of questions and texts as all of qa compares them: one stemmer, one list of function words."""

from embeddings.index.tokens import tokens
from embeddings.index.word_index import stem

__all__ = ["FUNCTION_WORDS", "content_words", "stem", "stems"]

FUNCTION_WORDS = frozenset(
    "a about above across after again against ahh all almost along already also although always am among an and any"
    " anyone anything are around as at be because been before being below between both but by can can't cannot could"
    " couldn't did didn't do does doesn't doing don't done down during each either else enough etc even ever every few"
    " for from further get gets getting go going got had has have having he he's her here hers herself him himself his"
    " hmm how however i i'd i'll i'm i've if in instead into is isn't it it's its itself just kind let's like make"
    " makes made many may maybe me might mine more most much must my myself near neither never no nor not nothing now"
    " of off often oh ok okay on once one ones only onto or other others our ours out over own per perhaps please"
    " rather really same shall she she's should since so some someone something soon still such than thank thanks that"
    " that's the their theirs them themselves then there there's these they they're they've this those though through"
    " thus till to together too toward towards under until unto up upon us use used uses using usually versus very via"
    " vs was wasn't we well were what what's when whenever where whereas whether which while who who's whom whose why"
    " will with within without won't would wow yes yet you your yours yourself".split()
)
"""Words that tell nothing of what a question or a sentence is about, in small letters, with straight apostrophes."""


def content_words(text: str) -> list[str]:
    """Return the words of a text that carry its content, as the search sees them: in small letters, in order."""
    words = (token.removesuffix("'s") for token in tokens(text))
    return [word for word in words if word not in FUNCTION_WORDS]


def stems(text: str) -> frozenset[str]:
    """Return the stems of a text's content words."""
    return frozenset(stem(word) for word in content_words(text))
