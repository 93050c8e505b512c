from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from small_library import WordEncoder

from corpus.article import Article
from embeddings.library.library import LocalLibrary, create_library
from qa.assistant import Assistant
from qa.evaluation.evaluate import evaluate
from qa.evaluation.gold_questions import Evidence, GoldQuestion, GoldSet, Paragraph, paragraph_articles
from qa.evaluation.outcome import EvidenceSpan, locate, ranks
from qa.reader.protocol import UNCONTROLLED, Extraction, ReadControl, ReadPassage, ReadResult
from qa.result import ClosePassage

TALKS = Article(
    "Ann Smith led the talks.\nBob Jones kept the notes.\n\nAnn Smith led the talks again on Monday.",
    title="Talks",
    source="Geo",
    published="2023-03-06",
    url="https://geo.example/world/talks?utm_source=feed",
    path="reports/talks.md",
)
FLOOD = Article("The river rose by two metres.", title="Flood", source="Geo", published="2023-03-07", path="flood.md")


class NameReader:
    """Reads the first two words of the passage that shares most words with the question; sure of names only."""

    name = "names"
    threshold = 0.5
    reads_timelines = False
    english_only = True
    notice = None

    def is_word(self, word: str) -> bool:
        return True

    def read(self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED) -> ReadResult:
        words = set(question.lower().strip("?").split())
        shared = [len(words & set(p.text.lower().replace(".", "").split())) for p in passages]
        best = max(range(len(passages)), key=shared.__getitem__)
        end = len(" ".join(passages[best].text.split(" ")[:2]))
        if passages[best].text.startswith("Ann"):
            return ReadResult((Extraction(best, 0, end, 0.9),), "answered")
        return ReadResult((Extraction(best, 0, end, 0.2),), "not_in_library")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[LocalLibrary]:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        library.add([TALKS, FLOOD])
        yield library


def _question(*evidence: Evidence, identity: str = "q") -> GoldQuestion:
    return GoldQuestion(identity, "Who led the talks?", ("Ann Smith",), evidence=evidence)


def _places(library: LocalLibrary, *questions: GoldQuestion) -> tuple[list[list[tuple[int, int]]], tuple[str, ...]]:
    with library.snapshot() as snapshot:
        found, warnings = locate(snapshot, questions)
    return [[(p.start, p.end) for p in found[e]] for q in questions for e in q.evidence], warnings


def test_a_quote_is_found_at_every_place_by_file_name_path_address_and_id(library: LocalLibrary) -> None:
    addresses = ("https://geo.example/world/talks?utm_source=feed", "http://Geo.example/world/talks/#more")
    for name in ("talks.md", "reports/talks.md", *addresses, TALKS.id):
        spans, warnings = _places(library, _question(Evidence(name, "led the talks")))
        assert (spans, warnings) == ([[(10, 23), (62, 75)]], ())
    assert TALKS.text[62:75] == "led the talks"


def test_white_space_in_a_quote_matches_any_and_nothing_else_is_bent(library: LocalLibrary) -> None:
    spans, _ = _places(library, _question(Evidence("talks.md", "the talks.  Bob")))
    assert spans == [[(14, 28)]]
    spans, warnings = _places(library, _question(Evidence("talks.md", "the talks, Bob")))
    assert spans == [[]]
    assert warnings == ("evidence that the library does not hold counts as not retrieved (1): talks.md (of q)",)


def test_evidence_that_is_not_there_is_warned_of_and_counts_as_not_retrieved(library: LocalLibrary) -> None:
    question = _question(Evidence("gone.md", "led the talks"), identity="q7")
    with library.snapshot() as snapshot:
        spans, warnings = locate(snapshot, [question])
    assert warnings == ("evidence that the library does not hold counts as not retrieved (1): gone.md (of q7)",)
    assert ranks(question, [_passage("x", 0, 10)], spans) == (None,)


def test_what_the_library_lacks_is_summed_up_in_one_line(library: LocalLibrary) -> None:
    many = [_question(Evidence(f"https://geo.example/{n}"), identity=f"q{n}") for n in range(20)]
    _, warnings = _places(library, *many)
    first = ", ".join(f"https://geo.example/{n} (of q{n})" for n in range(5))
    assert warnings == (f"evidence that the library does not hold counts as not retrieved (20): {first}, …",)


def _passage(article: str, start: int, end: int, version: str = "v") -> ClosePassage:
    return ClosePassage(article, version, "t", None, None, start, end, "x" * (end - start), 0.5)


@pytest.mark.parametrize(
    ("passage", "holds"),
    [
        (_passage("a", 0, 10), False),
        (_passage("a", 0, 11), True),
        (_passage("a", 19, 30), True),
        (_passage("a", 20, 30), False),
        (_passage("b", 10, 20), False),
        (_passage("a", 10, 20, version="older"), False),
    ],
)
def test_a_passage_holds_evidence_when_they_share_a_character(passage: ClosePassage, holds: bool) -> None:
    assert EvidenceSpan("a", "v", 10, 20).is_in(passage) is holds


def test_where_all_is_needed_each_answer_is_ranked_by_the_quotes_that_hold_it(library: LocalLibrary) -> None:
    led, kept = Evidence("talks.md", "Ann Smith led the talks."), Evidence("talks.md", "Bob Jones kept the notes")
    both = GoldQuestion("q", "Who?", ("Ann Smith", "Bob Jones"), "all", evidence=(led, kept))
    either = GoldQuestion("q", "Who?", ("Ann Smith",), evidence=(led, kept))
    version = TALKS.version
    passages = [_passage(TALKS.id, 25, 49, version), _passage(TALKS.id, 0, 24, version)]
    with library.snapshot() as snapshot:
        spans, _ = locate(snapshot, [both])
    assert ranks(both, passages, spans) == (2, 1)
    assert ranks(either, passages, spans) == (1,)
    assert ranks(both, passages[1:], spans) == (1, None)


def test_a_library_is_evaluated_whole(library: LocalLibrary) -> None:
    gold = GoldSet(
        "gold.jsonl",
        (
            GoldQuestion(
                "led", "Who led the talks?", ("Ann Smith",), evidence=(Evidence("talks.md", "led the talks"),)
            ),
            GoldQuestion("rain", "How did the river rise?", (), kind="none"),
            GoldQuestion("gone", "Who led the talks?", ("Cy",), evidence=(Evidence("gone.md", "Cy"),)),
        ),
    )
    evaluation = evaluate(Assistant(library, NameReader()), gold)
    content = evaluation.to_json()
    assert [(q["id"], q["verdict"], q["ranks"]) for q in content["questions"]] == [
        ("led", "right", [1]),
        ("rain", "refused", []),
        ("gone", "wrong", [None]),
    ]
    overall = content["overall"]
    assert [
        overall[name] for name in ("recall@1", "mrr", "citations_exact", "refusal_precision", "refusal_recall")
    ] == [
        0.5,
        0.5,
        1.0,
        1.0,
        1.0,
    ]
    assert len(content["warnings"]) == 1
    assert content["questions"][1]["confidence"] == 0.2


def test_the_paragraphs_of_a_file_become_a_library_of_their_own(tmp_path: Path) -> None:
    texts = ("Ann Smith led the talks.", "The river rose by two metres.", "Cy Young won the game.")
    paragraphs = tuple(Paragraph(f"paragraph-{n}", text, "Far North") for n, text in enumerate(texts, start=1))
    asked = ("Who led the talks?", "How far rose the river?", "Who won the game?")
    answers = (("Ann Smith",), (), ("Cy Young",))
    gold = GoldSet(
        "squad.json",
        tuple(
            GoldQuestion(f"q{n}", asked[n], answers[n], evidence=(Evidence(p.name),) if answers[n] else (), paragraph=p)
            for n, p in enumerate(paragraphs)
        ),
        paragraphs,
    )
    made = [*paragraph_articles(gold.paragraphs), FLOOD]
    assert [(a.path, a.title) for a in made[:3]] == [(p.name, "Far North") for p in paragraphs]
    with create_library(tmp_path / "all", encoder=WordEncoder()) as library:
        library.add(made)
        evaluation = evaluate(Assistant(library, NameReader()), gold, passages="all")
    assert (evaluation.passages, evaluation.warnings) == ("all", ())
    assert [(o.id, o.verdict, o.ranks) for o in evaluation.outcomes] == [
        ("q0", "right", (1,)),
        ("q1", "refused", ()),
        ("q2", "missed", (1,)),
    ]


def test_an_empty_library_is_said_to_be_empty(tmp_path: Path) -> None:
    with create_library(tmp_path / "empty", encoder=WordEncoder()) as library:
        evaluation = evaluate(Assistant(library, NameReader()), GoldSet("gold.jsonl", (_question(),)))
    assert evaluation.warnings == ("the library is empty: every question is refused",)
    assert [o.verdict for o in evaluation.outcomes] == ["missed"]
