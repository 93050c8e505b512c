"""Results made by hand for tests of the page: their offsets are true of the texts they quote."""

from datetime import date
from urllib.parse import quote as encoded

from qa.result import Answer, Citation, ClosePassage, Copy, Kind, Reason, ResolvedDay, Result, Searched, Slice, Speaker

TEXT = "The mayor spoke on Monday. “We counted 61 people 🎈 at the bridge,” Ada Lund said. Nobody else counted."
CONTEXT = "Ada Lund is the county’s engineer."
SEARCHED = Searched(12, 3, "2023-03-01", "2023-03-10", {"sources": ["Dawn"], "after": "2023-03-01"})
TIMES = {"retrieve": 1.0, "read": 2.0, "total": 3.0}
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script> **bold** $x^2$ ${window.hit=1} {{value}} ‮'


def citation(number: int, quote: str, text: str = TEXT, **more: object) -> Citation:
    """Return a citation of a quote that stands in `text`, which begins at character 1000 of its article."""
    start = 1000 + text.index(quote)
    given: dict[str, object] = {
        "number": number,
        "article": f"{number:016x}",
        "version": "sha256:" + "ab" * 32,
        "title": f"Title {number}",
        "source": f"Outlet {number}",
        "author": None,
        "published": "2023-03-06",
        "url": f"https://news.example/{number}?a=1&b=2",
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "sentence": text,
        "sentence_start": 1000,
        "fragment": encoded(quote),
        **more,
    }
    return Citation(**given)  # type: ignore[arg-type]


def passage(of: Citation, text: str = TEXT) -> ClosePassage:
    """Return the passage that a citation's quote stands in."""
    return ClosePassage(of.article, of.version, of.title, of.source, of.published, 1000, 1000 + len(text), text, 0.4)


def answer(
    of: Citation, *, kind: Kind = "short", group: int = 1, confidence: float = 0.93, newer: bool = False
) -> Answer:
    """Return the answer that a citation's quote is."""
    return Answer(of.quote, kind, confidence, group, (of.number,), newer)


def result(answers: tuple[Answer, ...], citations: tuple[Citation, ...], **more: object) -> Result:
    """Return a result with these answers, from passages that hold all of the text."""
    groups = [a.group for a in answers]
    given: dict[str, object] = {
        "question": "How many?",
        "standalone_question": "How many?",
        "status": "answered",
        "reason": None,
        "closest": (),
        "searched": SEARCHED,
        "timings_ms": TIMES,
        "disagreement": len(set(groups)) < len(groups),
        "retrieved": tuple(passage(c) for c in citations),
        **more,
    }
    return Result(answers=answers, citations=citations, **given)  # type: ignore[arg-type]


FULL = citation(
    1,
    "61 people 🎈",
    author="Nora Fitch",
    speaker=Speaker("Ada Lund", "direct"),
    dates=(ResolvedDay("Monday", 1019, 1025, date(2023, 3, 6), date(2023, 3, 6)),),
    also_in=(Copy("00000000000000aa", "Geo", "2023-03-07", None),),
    context=(Slice(500, 500 + len(CONTEXT), CONTEXT),),
)
SECOND = citation(2, "Nobody else counted")
ONE = result((answer(FULL),), (FULL,))
RIVALS = result((answer(FULL), answer(SECOND, newer=True, confidence=0.7)), (FULL, SECOND))
REFUSED = result(
    (),
    (),
    status="not_in_library",
    reason=Reason("below_threshold", "The articles do not say."),
    closest=(passage(FULL),),
)
