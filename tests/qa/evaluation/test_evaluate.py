import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import UsageError
from qa.assistant import Assistant
from qa.evaluation.evaluate import Evaluation, evaluate, figures
from qa.evaluation.gold_questions import GoldQuestion, GoldSet, Need, Paragraph
from qa.evaluation.metrics import percentile
from qa.evaluation.outcome import Outcome, judge
from qa.evaluation.report import (
    aligned,
    compare,
    comparison_text,
    figure_table,
    load_evaluation,
    question_lines,
)
from qa.result import Answer, Citation, Kind, Result, Searched

TEXT = "Ann Smith and Bob Jones led the talks in Oslo."


def cite(quote: str, number: int = 1, *, shift: int = 0) -> Citation:
    start = max(TEXT.find(quote), 0) + shift
    return Citation(
        number=number,
        article="a1",
        version="sha256:1",
        title="Talks <end>",
        source="Geo",
        author=None,
        published=None,
        url=None,
        start=start,
        end=start + len(quote),
        quote=quote,
        sentence=TEXT,
        sentence_start=0,
    )


def given(*texts: str, confidence: float = 0.8, kind: Kind = "short", shift: int = 0) -> Result:
    """Return a result that gives these answers."""
    answers = tuple(Answer(text, kind, confidence, n, (n,)) for n, text in enumerate(texts, start=1))
    citations = tuple(cite(text, n, shift=shift) for n, text in enumerate(texts, start=1))
    return _result("answered", answers, citations)


def refused(confidence: float | None = None, text: str | None = None) -> Result:
    """Return a result that gives no answer, with the best reading, which is withheld."""
    return _result("not_in_library", (), (), best_confidence=confidence, best_text=text)


def _result(status: Any, answers: tuple[Answer, ...], citations: tuple[Citation, ...], **best: Any) -> Result:  # noqa: ANN401
    return Result("?", "?", status, None, answers, citations, (), Searched(1, 1, None, None), {"total": 1.0}, **best)


def judged(
    answers: tuple[str, ...], result: Result, *, need: Need = "any", ranks: tuple[int | None, ...] = ()
) -> Outcome:
    question = GoldQuestion("q", "Who?", answers, need)
    return judge(question, result, ranks=ranks, texts=[TEXT] * len(result.citations), latency_ms=10.0)


def figures_of(*outcomes: Outcome) -> dict[str, Any]:
    return figures([outcome.to_json() for outcome in outcomes])


@pytest.mark.parametrize(
    ("answers", "result", "verdict", "exact", "f1"),
    [
        (("Ann Smith",), given("Ann Smith"), "right", 100, 100),
        (("Ann Smith",), given("Bob Jones", "Ann Smith"), "wrong", 0, 0),  # the first answer is what a reader takes
        (("Ann Smith",), given("Ann Smith and Bob"), "right", 0, 200 / 3),  # F1 of .6 or more
        (("Ann Smith",), given("Ann Smith led the talks today"), "right", 0, 100 * 4 / 7),  # three times as long
        (("Ann Smith",), given(TEXT), "partly", 0, 100 * 4 / 11),  # longer
        (("Ann Smith",), refused(), "missed", 0, 0),
        ((), refused(), "refused", 100, 100),
        ((), given("Ann Smith"), "invented", 0, 0),
    ],
)
def test_a_result_is_judged_as_a_reader_takes_it(
    answers: tuple[str, ...], result: Result, verdict: str, exact: float, f1: float
) -> None:
    outcome = judged(answers, result)
    assert outcome.verdict == verdict
    assert [outcome.exact_match, outcome.f1] == pytest.approx([exact, f1])


def test_of_a_question_with_its_own_paragraph_the_surest_answer_is_the_span() -> None:
    question = GoldQuestion("q", "Where did they talk?", ("Oslo",), paragraph=Paragraph("p", TEXT))
    result = given("Oslo", "Ann Smith")
    first, second = result.answers
    other = replace(result, answers=(replace(first, confidence=0.2), second))
    scores = [judge(question, each, ranks=(), texts=[TEXT] * 2, latency_ms=1.0).f1 for each in (result, other)]
    assert scores == [100, 0]


def test_what_is_shown_as_unsure_is_judged_and_counted_apart() -> None:
    sure, unsure = given("Ann Smith"), replace(given("Ann Smith"), status="unsure")
    outcomes = [judged(("Ann Smith",), sure), judged(("Ann Smith",), unsure), judged((), unsure), judged((), refused())]
    told = figures_of(*outcomes)
    assert (told["right_sure"], told["right_shown"]) == (0.5, 1.0)
    assert (told["sure_precision"], told["unsure_precision"]) == (1.0, 0.5)
    assert (told["kept_from_sure"], told["refusal_recall"]) == (1.0, 0.5)


def test_where_all_answers_are_needed_the_set_is_scored() -> None:
    both = ("Ann Smith", "Bob Jones")
    assert judged(both, given("Bob Jones", "Ann Smith"), need="all").verdict == "right"
    one = judged(both, given("Ann Smith"), need="all")
    assert one.verdict == "partly"
    assert [one.exact_match, one.f1, one.contains] == pytest.approx([0, 200 / 3, 50])
    four = ("Ann Smith", "Bob Jones", "Eve Hall", "Tom Hay")
    assert judged(four, given("Ann Smith", "Bob Jones", "Eve Hall"), need="all").verdict == "right"  # three quarters
    assert judged(four, given("Ann Smith", "Bob Jones"), need="all").verdict == "partly"


def test_a_citation_that_does_not_stand_where_it_says_is_counted() -> None:
    assert judged(("Ann Smith",), given("Ann Smith", "Bob Jones")).citations_exact == 2
    assert judged(("Ann Smith",), given("Ann Smith", "Bob Jones", shift=1)).citations_exact == 0


def test_every_figure_by_hand() -> None:
    values = figures_of(
        judged(("Ann Smith",), given("Ann Smith", confidence=0.9), ranks=(1,)),
        judged(("Ann Smith",), given("Bob Jones", confidence=0.7), ranks=(4,)),
        judged(("Oslo",), refused(0.1, "Oslo"), ranks=(None,)),
        judged((), refused(0.3, "Oslo")),
        judged((), given("Bob Jones", confidence=0.5, shift=3)),
    )
    assert values["questions"] == 5
    assert values["exact_match"] == pytest.approx(200 / 5)
    assert values["f1"] == pytest.approx((100 + 0 + 0 + 100 + 0) / 5)
    assert values["contains"] == pytest.approx(200 / 5)
    assert [values[f"recall@{k}"] for k in (1, 5, 10)] == [
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
    ]
    assert values["mrr"] == pytest.approx((1 + 1 / 4 + 0) / 3)
    assert values["citations_exact"] == pytest.approx(2 / 3)
    assert (values["refusal_precision"], values["refusal_recall"]) == (0.5, 0.5)
    # Answers given: 0.9 right, 0.7 and 0.5 not: gaps 0.1, 0.7, 0.5.
    assert values["calibration_error"] == pytest.approx(1.3 / 3)
    assert values["latency_ms_p50"] == 10.0


def test_figures_that_apply_to_nothing_are_null() -> None:
    values = figures_of(judged(("Oslo",), given("Oslo")))
    nothing = "recall@1 recall@5 recall@10 mrr refusal_precision refusal_recall unsure_precision kept_from_sure"
    assert [name for name, value in values.items() if value is None] == nothing.split()
    assert all(value is None for name, value in figures([]).items() if name != "questions")


def test_percentiles_lie_between_the_values_they_fall_between() -> None:
    assert percentile([40.0, 10.0, 20.0, 30.0], 50) == 25.0
    assert percentile([10.0, 20.0, 30.0], 95) == pytest.approx(29.0)
    assert percentile([], 50) is None


class Scripted(Assistant):
    """Answers questions as told, from a text alone."""

    def __init__(self, results: Mapping[str, Result]) -> None:
        self.results = results
        self.asked: list[tuple[str, str, str | None]] = []

    def ask_text(self, question: str, text: str, title: str | None = None) -> Result:
        self.asked.append((question, text, title))
        if len(question) > 40:
            raise UsageError("the question is too long")
        return self.results[question]


PARAGRAPH = Paragraph("paragraph-1", TEXT, "Talks")
GOLD = GoldSet(
    "talks.json",
    (
        GoldQuestion("q1", "Who?", ("Ann Smith",), kind="who", paragraph=PARAGRAPH),
        GoldQuestion("q2", "Where?", ("Oslo",), kind="where", paragraph=PARAGRAPH),
        GoldQuestion("q3", "When?", (), kind="when", paragraph=PARAGRAPH),
    ),
    (PARAGRAPH,),
)


def _evaluated(**results: Result) -> Evaluation:
    told = {"Who?": given("Ann Smith"), "Where?": refused(0.2, "Oslo"), "When?": refused(0.1)}
    told |= {f"{name}?": result for name, result in results.items()}
    return evaluate(Scripted(told), GOLD, passages="given")


def test_each_question_is_asked_of_its_own_paragraph_after_one_to_warm_up() -> None:
    assistant = Scripted({"Who?": given("Ann Smith"), "Where?": given("Oslo", shift=-1), "When?": refused()})
    done: list[tuple[int, int]] = []
    evaluation = evaluate(assistant, GOLD, passages="given", progress=lambda n, of: done.append((n, of)))
    assert [question for question, _, _ in assistant.asked] == ["Who?", "Who?", "Where?", "When?"]
    assert {asked[1:] for asked in assistant.asked} == {(TEXT, "Talks")}
    assert done == [(1, 3), (2, 3), (3, 3)]
    assert [(o.id, o.verdict, o.citations_exact) for o in evaluation.outcomes] == [
        ("q1", "right", 1),
        ("q2", "right", 0),
        ("q3", "refused", 0),
    ]


def test_the_json_has_the_figures_by_their_names_overall_and_by_kind() -> None:
    content = json.loads(json.dumps(_evaluated().to_json()))
    names = "questions exact_match f1 recall@1 recall@5 recall@10 mrr citations_exact refusal_precision refusal_recall"
    assert {*names.split(), "latency_ms_p50", "latency_ms_p95"} <= content["overall"].keys()
    assert content["overall"]["f1"] == pytest.approx(200 / 3)
    assert {kind: values["f1"] for kind, values in content["by_kind"].items()} == {"who": 100, "where": 0, "when": 100}
    first, second, _ = content["questions"]
    assert (first["id"], first["status"], first["answer"], first["expected"]) == (
        "q1",
        "answered",
        "Ann Smith",
        ["Ann Smith"],
    )
    assert (first["exact_match"], first["f1"], first["confidence"]) == (100.0, 100.0, 0.8)
    assert (second["status"], second["answer"], second["confidence"]) == ("not_in_library", None, 0.2)


def test_a_question_that_cannot_be_asked_is_named() -> None:
    long = GoldSet("long.json", (GoldQuestion("q9", "Why? " * 20, paragraph=PARAGRAPH),), (PARAGRAPH,))
    with pytest.raises(UsageError, match="question q9: the question is too long"):
        evaluate(Scripted({}), long, passages="given")


def test_questions_with_paragraphs_and_without_are_asked_in_their_own_way() -> None:
    with pytest.raises(UsageError, match="brings its own paragraphs: add --passages given"):
        evaluate(Scripted({}), GOLD)
    with pytest.raises(UsageError, match="brings no paragraphs: leave out --passages given"):
        evaluate(Scripted({}), GoldSet("gold.jsonl", GOLD.questions), passages="given")


def test_the_table_and_the_lines_say_what_came_out() -> None:
    evaluation = _evaluated()
    table = figure_table(evaluation).splitlines()
    assert [row.split() for row in table[:4]] == [
        ["who", "where", "when", "overall"],
        ["questions", "1", "1", "1", "3"],
        ["exact_match", "100.0", "0.0", "100.0", "66.7"],
        ["f1", "100.0", "0.0", "100.0", "66.7"],
    ]
    assert table[-1] == ("2 answerable: 1 right, 0 partly, 0 wrong, 1 refused · 1 unanswerable: 1 refused, 0 answered")
    assert question_lines(evaluation.outcomes) == [
        "right     q1  100.0  Who? → Ann Smith (expected: Ann Smith)",
        "missed    q2    0.0  Where? → no answer (expected: Oslo)",
        "refused   q3  100.0  When? → no answer (expected: no answer)",
    ]
    assert aligned([["", "a"], ["bb", "100"]]) == "      a\nbb  100"


def test_a_comparison_tells_gained_from_lost_and_tests_their_numbers() -> None:
    before = _evaluated().to_json()
    now = _evaluated(Where=given("Oslo"), When=given("Oslo")).to_json()
    found = compare(before, now)
    assert (found.now["questions"], found.gained, found.lost) == (3, ["q2"], ["q3"])
    assert [found.before["f1"], found.now["f1"]] == pytest.approx([200 / 3, 200 / 3])
    assert (found.before["refusal_precision"], found.now["refusal_precision"]) == (0.5, None)
    text = comparison_text(found)
    assert "gained (1): q2\nlost (1): q3\np of such a difference by chance: 1.0000" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["exact_match", "66.7", "66.7", "+0.0"] in rows
    assert ["mrr", "-", "-", "-"] in rows


def test_what_is_shown_as_unsure_is_no_refusal_in_a_comparison_either() -> None:
    unsure = _evaluated(When=replace(given("Oslo"), status="unsure")).to_json()
    assert compare(unsure, unsure).now["refusal_recall"] == 0


def test_questions_that_changed_are_left_out_and_named() -> None:
    before, now = _evaluated().to_json(), _evaluated().to_json()
    now["questions"][0]["expected"] = ["Ann"]
    now["questions"][1]["id"] = "q4"
    found = compare(before, now)
    assert (found.now["questions"], found.changed) == (1, ["q1"])
    assert "over the 0 questions of both" in comparison_text(compare(before, {"questions": []}))


def test_only_an_evaluation_is_taken_as_one(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    with pytest.raises(UsageError, match="No such file"):
        load_evaluation(path)
    for text in ("{", "[]", '{"questions": [{"id": "q1"}]}'):
        path.write_text(text, "utf-8")
        with pytest.raises(UsageError, match="citewire evaluate --json"):
            load_evaluation(path)
    content = json.loads(json.dumps(_evaluated().to_json()))
    path.write_text(json.dumps(content), "utf-8")
    assert load_evaluation(path) == content
    assert compare(load_evaluation(path), content).gained == []
