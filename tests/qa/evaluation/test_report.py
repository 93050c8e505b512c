import re
from html.parser import HTMLParser

import pytest

from qa.evaluation.evaluate import Evaluation
from qa.evaluation.outcome import Outcome, Verdict
from qa.evaluation.report import compare, report_html
from qa.result import Citation

VOID = {"meta", "br", "link", "img"}


def outcome(identity: str, verdict: Verdict, *, kind: str = "who", latency: float = 20.0) -> Outcome:
    answered = verdict in ("right", "wrong", "partly", "invented")
    citation = Citation(1, "a1", "sha256:1", "Talks & <tea>", "Geo", None, None, None, 5, 9, "Oslo", "In Oslo.", 3)
    return Outcome(
        id=identity,
        question='Who <b>led</b> "the talks"?',
        standalone_question="Who led the talks in Oslo?",
        kind=kind,
        need="any",
        expected=() if verdict in ("refused", "invented") else ("Ann <Smith>",),
        status="answered" if answered else "not_in_library",
        verdict=verdict,
        answers=("Oslo & Bergen",) if answered else (),
        exact_match=100.0 if verdict in ("right", "refused") else 0.0,
        f1=100.0 if verdict in ("right", "refused") else 25.0,
        contains=0.0,
        ranks=(1,),
        citations=(citation,) if answered else (),
        citations_exact=int(answered),
        confidence=0.75 if answered else 0.2,
        latency_ms=latency,
    )


EVALUATION = Evaluation(
    "gold <set>.jsonl",
    "library",
    (
        outcome("q1", "right"),
        outcome("q2", "wrong", kind="where"),
        outcome("q3", "missed", latency=180.0),
        outcome("q4", "refused", kind="none"),
        outcome("q5", "invented", kind="none"),
    ),
    ("q2: the evidence in a.md is not in the library: no such article",),
    {"model": "all-MiniLM-L6-v2", "threshold": "0.30"},
)


class Page(HTMLParser):
    """Collects the page's elements, and fails on one that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


@pytest.fixture(scope="module")
def text() -> str:
    return report_html(EVALUATION, comparison=compare(EVALUATION.to_json(), EVALUATION.to_json()))


def test_the_page_is_whole_and_asks_nothing_of_anyone_else(text: str) -> None:
    page = Page(text)
    assert page.open == []
    assert page.count("script") + page.count("link") + page.count("img") + page.count("iframe") == 0
    assert not {"src", "href", "srcset"} & {name for _, attributes in page.elements for name in attributes}
    assert re.findall(r"url\(|@import|https?:", text) == []
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and "http-equiv" in a)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_texts_are_shown_as_they_are(text: str) -> None:
    shown = "".join(Page(text).words)
    for words in ('Who <b>led</b> "the talks"?', "Ann <Smith>", "Oslo & Bergen", "Talks & <tea>", "gold <set>.jsonl"):
        assert words in shown
    assert "<b>led" not in text


def test_every_question_stands_with_verdict_answer_and_citation(text: str) -> None:
    rows = re.findall(r'<tr><td class="verdict (\w+)">([^<]+)</td><th scope="row">(q\d)<br>.*?</tr>', text, re.DOTALL)
    assert rows == [
        ("right", "right", "q1"),
        ("wrong", "wrong", "q2"),
        ("missed", "missed", "q3"),
        ("refused", "refused", "q4"),
        ("invented", "invented", "q5"),
    ]
    shown = "".join(Page(text).words)
    assert shown.count("Geo, article a1, characters 5 to 9") == 3
    assert "the evidence in a.md is not in the library" in shown
    assert "all-MiniLM-L6-v2" in shown


def test_every_table_has_a_caption_and_every_heading_a_scope(text: str) -> None:
    page = Page(text)
    assert page.count("table") == page.count("caption") == 5
    assert page.count("th") == sum("scope" in a for tag, a in page.elements if tag == "th")


def test_the_page_follows_the_readers_light_or_dark(text: str) -> None:
    assert "color-scheme:light dark" in text
    assert "prefers-color-scheme:dark" in text
    assert re.findall(r"#[0-9a-f]{3,6}", text.split("</style>")[1]) == []


def test_answers_are_counted_by_confidence(text: str) -> None:
    row = text[text.index("0.7 to 0.8") :].split("</tr>")[0]
    assert "<td>3</td>" in row
    assert re.findall(r'value="([\d.]+)"', row) == ["0.7500", "0.3333"]
    empty = text[text.index("0.1 to 0.2") :].split("</tr>")[0]
    assert empty.endswith("<td>0</td><td>-</td><td>-</td>")


def test_an_evaluation_without_answers_still_makes_a_page() -> None:
    text = report_html(Evaluation("none.jsonl", "given", (outcome("q1", "missed"),)))
    assert Page(text).open == []
    assert "0.9 to 1.0" in text
