import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest

from qa.evaluation.compare import compare
from qa.evaluation.evaluate import Evaluation
from qa.evaluation.metrics import Bin, RiskCoverage
from qa.evaluation.outcome import Outcome, Verdict
from qa.evaluation.plot import kind_bars, latency_histogram, reliability_plot, risk_coverage_plot
from qa.evaluation.report import report_html
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
        would_be_right=verdict == "right",
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
        ("missed", "refused, though answerable", "q3"),
        ("refused", "rightly refused", "q4"),
        ("invented", "answered, though unanswerable", "q5"),
    ]
    shown = "".join(Page(text).words)
    assert shown.count("Geo, article a1, characters 5 to 9") == 3
    assert "the evidence in a.md is not in the library" in shown
    assert "all-MiniLM-L6-v2" in shown


def test_every_plot_has_a_title_and_a_description_of_its_own_and_every_table_a_caption(text: str) -> None:
    page = Page(text)
    named = [a["aria-labelledby"] for tag, a in page.elements if tag == "svg" and a.get("role") == "img"]
    identities = [a["id"] for tag, a in page.elements if tag in ("title", "desc") and "id" in a]
    assert len(named) == page.count("svg") == 4
    assert " ".join(str(name) for name in named).split() == identities
    assert len(set(identities)) == 8
    assert page.count("table") == page.count("caption") == 6
    assert page.count("th") == sum("scope" in a for tag, a in page.elements if tag == "th")


def test_the_page_follows_the_readers_light_or_dark(text: str) -> None:
    assert "color-scheme:light dark" in text
    assert "prefers-color-scheme:dark" in text
    colours = re.findall(r"#[0-9a-f]{3,6}", text.split("</style>")[1])
    assert colours == []  # plots take theirs from the style sheet


def test_an_evaluation_without_answers_still_makes_a_page() -> None:
    text = report_html(Evaluation("none.jsonl", "given", (outcome("q1", "missed"),)))
    assert "Answering every question gets 100.0% of them wrong." in text
    assert Page(text).count("svg") == 4


def _shapes(svg: str, name: str) -> list[dict[str, str]]:
    return [dict(shape.attrib) for shape in ElementTree.fromstring(svg).iter(name)]


def test_the_curve_goes_through_its_points() -> None:
    points = [RiskCoverage(0.9, 0.5, 0.0), RiskCoverage(0.4, 1.0, 0.1)]
    svg = risk_coverage_plot(points, shown=(0.5, 0.0))
    [line] = [path["d"] for path in _shapes(svg, "path") if path["class"] == "line"]
    # The plane is 486 wide from 58 and 278 high down to 294; the vertical axis ends at 10 %.
    assert line == "M301.0 294.0 L544.0 16.0"
    [dot] = _shapes(svg, "circle")
    assert (dot["cx"], dot["cy"]) == ("301.0", "294.0")
    assert "Answering every question gets 10.0% of them wrong. In use 50.0% are answered" in svg


def test_a_reliability_bar_is_as_high_as_the_share_that_is_right() -> None:
    bins = [Bin(0.0, 0.5, 0, None, None), Bin(0.5, 1.0, 4, 0.8, 0.5)]
    svg = reliability_plot(bins, error=0.3)
    assert _shapes(svg, "rect") == [{"class": "mark", "x": "303.0", "y": "155.0", "width": "239.0", "height": "139.0"}]
    assert "4 answers in 2 bins" in svg


def test_bars_and_the_histogram_hold_every_value() -> None:
    bars = _shapes(kind_bars([("who & what", 50.0, 25.0), ("none", 0.0, 0.0)]), "rect")
    assert [bar["width"] for bar in bars] == ["165.0", "0.0"]
    svg = latency_histogram([10.0, 11.0, 95.0])
    assert len(_shapes(svg, "rect")) == 2
    assert "3 questions; the longest took 95 milliseconds." in svg
    assert len(_shapes(latency_histogram([7.0] * 3), "rect")) == 1
    assert _shapes(latency_histogram([]), "rect") == []
