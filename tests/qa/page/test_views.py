import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser

import pytest
from page_results import FULL, HOSTILE, ONE, REFUSED, RIVALS, TEXT, answer, citation, passage, result

from corpus.errors import UsageError
from corpus.store.store import ArticleInfo, Filters, StoredArticle
from qa.page.model.conversation import KeptTurns, Turn
from qa.page.views.answer import coverage_html, pending_html, said, turn_html
from qa.page.views.export import copied_text, export
from qa.page.views.markup import article_address, linked_question, marked, permanent_link, quote_address, web_address
from qa.page.views.shell import article_html, article_page
from qa.result import Result
from qa.service.actions import chosen_filters


class _Parsed(HTMLParser):
    """The elements of a piece of HTML, and the text inside those of one kind."""

    def __init__(self, html: str, text_of: str = "") -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._text_of = text_of
        self._inside = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == self._text_of:
            self._inside += 1
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == self._text_of

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data


def texts(html: str, tag: str) -> list[str]:
    return _Parsed(html, tag).texts


def shown(of: Result) -> str:
    return turn_html(Turn("How many?", result=of), 0)


def test_the_mark_is_the_quote_also_after_characters_that_browsers_count_twice() -> None:
    assert texts(shown(ONE), "mark") == ["61 people 🎈"]
    assert marked("🎈🎈ab", 2, 3) == "🎈🎈<mark>a</mark>b"


def test_a_repeated_text_is_marked_at_the_place_cited_and_not_at_the_first() -> None:
    text = "Five died. Later reports again said Five died."
    cited = citation(1, "Five died", text)
    last = citation(
        1, "Five died", text, start=1000 + text.rindex("Five died"), end=1000 + text.rindex("Five died") + 9
    )
    for c, before in ((cited, ""), (last, "Five died. Later reports again said ")):
        html = shown(result((answer(c),), (c,), retrieved=(passage(c, text),)))
        assert f"<blockquote><p>{before}<mark>Five died</mark>" in html


def test_a_card_says_all_that_is_known_of_the_citation() -> None:
    html = shown(ONE)
    for words in (
        "Title 1",
        "Outlet 1",
        "Nora Fitch",
        '<time datetime="2023-03-06">6 March 2023</time>',
        "<dt>“Monday”</dt><dd>Monday, 6 March 2023</dd>",
        "<dt>Said by</dt><dd>Ada Lund, quoted directly</dd>",
        ">Geo</a>",
        "93%",
        "Ada Lund is the county’s engineer.",
    ):
        assert words in html


def test_context_inside_the_passage_shown_is_not_shown_twice() -> None:
    inside = citation(1, "61 people", context=ONE.citations[0].context[:0] + RIVALS.citations[0].context)
    assert "Before it" in shown(result((answer(inside),), (inside,)))
    whole = passage(inside, TEXT)
    near = result((answer(inside),), (inside,), retrieved=(_widened(whole),))
    assert "Before it" not in shown(near)


def _widened(p: object) -> object:
    from dataclasses import replace

    text = " " * 500 + TEXT
    return replace(p, start=500, text=text)  # type: ignore[type-var]


def test_a_passage_is_open_once_and_a_closed_card_says_what_it_quotes() -> None:
    one = citation(1, "61 people")
    of_one_article, of_two = (citation(2, "Nobody else counted", article=article) for article in (one.article, "02"))
    for two, is_open in ((of_one_article, [True, False]), (of_two, [True, True])):
        html = shown(result((answer(one), answer(two, group=2)), (one, two)))
        cards = [attributes for tag, attributes in _Parsed(html).tags if attributes.get("class") == "cw-card"]
        assert ["open" in attributes for attributes in cards] == is_open
        assert html.count('<q class="cw-card-quote">Nobody else counted</q>') == 1


def test_each_marker_leads_to_a_card_that_is_there() -> None:
    parsed = _Parsed(shown(RIVALS))
    names = {attributes["id"] for _, attributes in parsed.tags if attributes.get("id")}
    targets = [a["href"] for tag, a in parsed.tags if tag == "a" and a.get("class") == "cw-marker"]
    assert targets == ["#t0-c1", "#t0-c2"]
    assert {str(target)[1:] for target in targets} <= names


def test_two_turns_share_no_name() -> None:
    both = [[a["id"] for _, a in _Parsed(turn_html(Turn("q", result=RIVALS), n)).tags if a.get("id")] for n in (0, 1)]
    assert not set(both[0]) & set(both[1])
    assert len(set(both[0])) == len(both[0])


def test_rivals_stand_side_by_side_with_outlet_and_day_and_no_verdict() -> None:
    html = shown(RIVALS)
    assert "The articles differ" in html
    assert html.count('class="cw-rival"') == 2
    assert "<li>Outlet 1, 6 March 2023; Geo, 7 March 2023</li>" in html
    assert html.count('class="cw-newer"') == 1
    assert "The articles differ" not in shown(ONE)


def test_a_course_of_events_is_one_line_a_day() -> None:
    later = citation(2, "Nobody else counted", published="2023-03-08")
    timeline = result((answer(FULL, kind="timeline"), answer(later, kind="timeline", group=2)), (FULL, later))
    assert texts(turn_html(Turn("q", result=timeline), 0), "time")[:2] == ["6 March 2023", "8 March 2023"]


def test_a_refusal_shows_the_closest_passages_and_says_that_they_are_no_answer() -> None:
    html = shown(REFUSED)
    assert "The articles do not say" in html
    assert "None of them is an answer" in html
    assert texts(html, "blockquote") == [TEXT]
    assert "cw-marker" not in html
    assert said(Turn("q", result=REFUSED)) == "The articles searched do not say."


def test_coverage_names_articles_outlets_days_and_filters() -> None:
    words = "".join(texts(coverage_html(ONE), "p"))
    assert words == (
        "Searched 12 articles of 3 outlets, published 1 March 2023 to 10 March 2023. Only outlet Dawn from 1 March 2023"
    )


def test_an_unverified_citation_is_shown_with_a_warning() -> None:
    failed = citation(1, "61 people", verified=False)
    assert "The stored text differs from this quote." in shown(result((answer(failed),), (failed,)))
    assert "differs from this quote" not in shown(ONE)


def _hostile_views() -> Iterator[str]:
    c = citation(
        1, "counted", f"They counted {HOSTILE}", title=HOSTILE, source=HOSTILE, author=HOSTILE, url="javascript:hit()"
    )
    whole = result(
        (answer(c),), (c,), question=HOSTILE, standalone_question=HOSTILE + "?", retrieved=(passage(c, c.sentence),)
    )
    yield turn_html(Turn(HOSTILE, (HOSTILE,), Filters((HOSTILE,)), whole), 0)
    yield turn_html(Turn(HOSTILE, error=HOSTILE), 0)
    yield pending_html(HOSTILE, 0, [passage(c, c.sentence)])
    info = ArticleInfo(
        *("a" * 16, "url:x", "sha256:b", True, HOSTILE, HOSTILE, HOSTILE, HOSTILE, "2023-03-06", None),
        *("javascript:hit()", HOSTILE, HOSTILE, HOSTILE, HOSTILE, "2023", "2023", 10),
    )
    yield article_page(StoredArticle(info, f"{HOSTILE}\n\nand {HOSTILE}", ()), start=3, end=200)


@pytest.mark.parametrize("html", list(_hostile_views()), ids=["turn", "error", "pending", "article"])
def test_markup_in_any_text_stays_text(html: str) -> None:
    parsed = _Parsed(html)
    assert not [tag for tag, _ in parsed.tags if tag in ("script", "img")]
    assert not [a for _, a in parsed.tags if any(name.startswith("on") for name in a)]
    assert not [a for _, a in parsed.tags if "javascript:" in f"{a.get('href')} {a.get('src')}"]
    assert "**bold** $x^2$ ${window.hit=1} {{value}}" in html


def test_only_addresses_of_the_web_become_links() -> None:
    assert web_address(" https://a.example/x ") == "https://a.example/x"
    for url in ("javascript:alert(1)", "data:text/html,x", "ftp://a.example", "//a.example", "http:", "http://[", None):
        assert web_address(url) is None


def test_a_quote_is_found_in_the_original_by_a_text_fragment() -> None:
    assert quote_address("https://a.example/x", "well-known, 61 & more") == (
        "https://a.example/x#:~:text=well%2Dknown%2C%2061%20%26%20more"
    )
    long = " ".join(str(n) for n in range(20))
    assert quote_address("https://a.example/x#top", long) == (
        "https://a.example/x#top:~:text=0%201%202%203%204%205,14%2015%2016%2017%2018%2019"
    )


def test_an_article_marks_a_quote_that_runs_over_two_paragraphs() -> None:
    info = ArticleInfo(
        *("a" * 16, "url:x", "sha256:b", True, "T", "T", "Dawn", None, None, None, None, None, None, None, None),
        *("2023", "2023", 10),
    )
    stored = StoredArticle(info, "One two.\n\nThree four.\n\nFive.", ())
    html = article_html(stored, start=4, end=15)
    assert texts(html, "mark") == ["two.", "Three"]
    assert html.count('id="quote"') == 1


def test_a_permanent_link_gives_back_question_turns_and_filters() -> None:
    filters = Filters(("Dawn", "A & B"), date(2023, 3, 1), date(2023, 3, 10))
    link = permanent_link("Who & why?", ["Where?"], filters)
    assert linked_question(link[1:]) == ("Who & why?", ("Where?",), filters)
    assert linked_question("source=Dawn") is None


@pytest.mark.parametrize("days", [("yesterday", None), ("2023-03-10", "2023-03-01")])
def test_filters_that_are_none_are_refused_in_one_sentence(days: tuple[str, str | None]) -> None:
    with pytest.raises(UsageError, match="the filters cannot be used"):
        chosen_filters((), *days)


def test_an_article_address_is_relative_and_names_version_and_place() -> None:
    assert article_address("ab", version="sha256:c", start=0, end=3) == "article/ab?version=sha256%3Ac&end=3#quote"
    assert article_address("ab") == "article/ab"


def test_fact_sheets_hold_all_that_is_needed_to_check_a_quote() -> None:
    turns = [Turn("How many?", result=RIVALS), Turn("bad", error="no")]
    c = RIVALS.citations[0]
    (first, second) = csv.DictReader(io.StringIO(export(turns, "csv").removeprefix("\ufeff")))
    assert (first["quote"], first["start"], first["end"]) == ("61 people 🎈", str(c.start), str(c.end))
    assert (first["version"], first["outlet"], first["author"]) == (c.version, "Outlet 1", "Nora Fitch")
    assert (second["newer"], second["answer"]) == ("True", "Nobody else counted")
    sheet = json.loads(export(turns, "jsonld"))
    (question,) = sheet["mainEntity"]
    cited = question["suggestedAnswer"][0]["citation"][0]
    assert (cited["text"], cited["citewire:start"]) == ("61 people 🎈", c.start)
    assert cited["isPartOf"]["url"] == "https://news.example/1?a=1&b=2"
    markdown = export(turns, "md")
    assert f"version `{c.version}`, characters {c.start} to {c.end}" in markdown
    assert "The articles differ:" in markdown


def test_a_spreadsheet_takes_no_cell_for_a_formula_and_markdown_no_text_for_markup() -> None:
    c = citation(1, "=HYPERLINK(1)", "=HYPERLINK(1) *x* <b>")
    turns = [Turn("=1+1", result=result((answer(c),), (c,)))]
    (row,) = csv.DictReader(io.StringIO(export(turns, "csv").removeprefix("\ufeff")))
    assert (row["question"], row["quote"]) == ("'=1+1", "'=HYPERLINK(1)")
    assert r"\*x\* \<b\>" in export(turns, "md")


def test_copied_text_has_answers_numbers_and_references() -> None:
    assert copied_text(Turn("How many?", result=ONE)) == (
        "How many?\n\n“61 people 🎈” [1]\n\n"
        f"[1] Title 1. Outlet 1, Nora Fitch, 2023-03-06. Characters {FULL.start} to {FULL.end}. {FULL.url}\n\n"
        "Searched 12 articles of 3 outlets, 2023-03-01 to 2023-03-10 (outlet Dawn; from 2023-03-01)."
    )


def test_a_conversation_is_found_by_its_own_token_alone_and_the_oldest_go_first() -> None:
    kept = KeptTurns(limit=2)
    turns = [Turn("a", result=ONE), Turn("b", result=ONE), Turn("c", result=ONE)]
    for turn in turns:
        kept.keep([turn])
    assert kept.conversation(turns[0].token) == ()
    assert kept.conversation(turns[2].token) == (turns[2],)
    assert len({turn.token for turn in turns}) == 3
    assert len(turns[0].token) >= 20
