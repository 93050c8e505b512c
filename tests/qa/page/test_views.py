import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from docx import Document
from openpyxl import load_workbook
from page_results import FULL, HOSTILE, ONE, REFUSED, RIVALS, SECOND, TEXT, answer, citation, passage, result

from corpus.errors import UsageError
from corpus.store.records import ArticleInfo, Filters, StoredArticle
from qa.output.plain_text import as_sentence, span_words, terminal_text
from qa.page.site import RecentConversations, Turn
from qa.page.views.answer import next_questions, pending_html, said, turn_html
from qa.page.views.export import answer_file, copied_text, file_name
from qa.page.views.markup import (
    Linked,
    article_address,
    article_html,
    article_page,
    linked_questions,
    marked,
    marked_paragraphs,
    permanent_link,
    quote_address,
    web_address,
    word_spans,
)
from qa.result import Reason, ResolvedDay, Result, Searched, Usage
from qa.service import chosen_filters


def export(turns: list[Turn], suffix: str) -> str:
    return answer_file(turns, suffix).decode()


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
    assert marked("🎈🎈ab", [(2, 3, "")]) == "🎈🎈<mark>a</mark>b"


def test_a_repeated_text_is_marked_at_the_place_cited_and_not_at_the_first() -> None:
    text = "Five died. Later reports again said Five died."
    cited = citation(1, "Five died", text)
    last = citation(
        1, "Five died", text, start=1000 + text.rindex("Five died"), end=1000 + text.rindex("Five died") + 9
    )
    for c, before in ((cited, ""), (last, "Five died. Later reports again said ")):
        html = shown(result((answer(c),), (c,), retrieved=(passage(c, text),)))
        assert f'<blockquote><p>{before}<mark id="t0-c1" tabindex="-1">Five died</mark>' in html


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
    assert "cw-context" in shown(result((answer(inside),), (inside,)))
    whole = passage(inside, TEXT)
    near = result((answer(inside),), (inside,), retrieved=(_widened(whole),))
    assert "cw-context" not in shown(near)


def _widened(p: object) -> object:
    text = " " * 500 + TEXT
    return replace(p, start=500, text=text)  # type: ignore[type-var]


def test_an_article_has_one_card_with_all_its_quotes_marked_in_their_passage() -> None:
    one = citation(1, "61 people")
    of_one_article, of_two = (citation(2, "Nobody else counted", article=article) for article in (one.article, "02"))
    for two, cards in ((of_one_article, 1), (of_two, 2)):
        html = shown(result((answer(one), answer(two, group=2)), (one, two)))
        opened = [attributes for _, attributes in _Parsed(html).tags if attributes.get("class") == "cw-card"]
        assert ["open" in attributes for attributes in opened] == [True] * cards
        assert texts(html, "mark") == ["61 people", "Nobody else counted"]
        assert html.count("<blockquote>") == cards


def test_of_many_articles_the_first_are_open_and_the_others_say_what_they_quote() -> None:
    many = tuple(citation(n, "61 people") for n in range(1, 6))
    html = shown(result(tuple(answer(c, group=c.number) for c in many), many))
    cards = [attributes for _, attributes in _Parsed(html).tags if attributes.get("class") == "cw-card"]
    assert ["open" in attributes for attributes in cards] == [True, True, True, False, False]
    assert html.count('<q class="cw-card-quote">61 people</q>') == 5


def test_an_answer_is_its_sentence_with_the_telling_words_marked_and_its_origin_beside_it() -> None:
    html = shown(ONE)
    assert f'<q>{TEXT[: TEXT.index("61")]}<b class="cw-key">61 people 🎈</b> at the bridge' in html
    by = html[html.index('<p class="cw-by">') :]
    assert "Ada Lund</span> in" in by
    assert "Outlet 1</span>, 6 March 2023" in by
    assert "“Monday” is Monday, 6 March 2023" in by


def test_answers_in_one_sentence_share_it() -> None:
    one, two = citation(1, "61 people"), citation(2, "Nobody else counted", article=f"{1:016x}")
    html = shown(result((answer(one), answer(two, group=2)), (one, two)))
    assert html.count('class="cw-answer ') == 1
    assert texts(html, "b") == ["61 people", "Nobody else counted"]


def test_sure_unsure_and_not_found_differ_at_a_glance() -> None:
    reason = Reason("unsure", "The articles may not answer this.")
    unsure = result((answer(FULL),), (FULL,), status="unsure", reason=reason, closest=(passage(SECOND),))
    assert 'class="cw-sure"' in shown(ONE)
    assert 'class="cw-unsure"' in shown(unsure)
    assert "The articles may not answer this." in shown(unsure)
    assert "Also near" in shown(unsure)
    assert 'class="cw-none"' in shown(REFUSED)


def test_a_language_model_that_read_is_named_with_its_host_and_why_another_read() -> None:
    usage = Usage("a-model", "models.example", 2, None, None, 0)
    assert "Read by llm (a-model at models.example, 2 requests)." in shown(replace(ONE, reader="llm", usage=usage))
    assert "Read by built-in. The model did not reply." in shown(replace(ONE, why="the model did not reply"))
    assert "Read by" not in shown(ONE)


def test_overlapping_quotes_are_each_marked_and_no_character_is_lost() -> None:
    html = marked_paragraphs("ab\n\ncd ef", [(0, 6, "x"), (1, 5, "y"), (7, 9, "z")])
    assert html == (
        '<p><mark id="x" tabindex="-1">ab</mark><mark id="y" tabindex="-1"></mark></p>'
        '<p><mark>cd</mark><mark></mark> <mark id="z" tabindex="-1">ef</mark></p>'
    )


def test_questions_that_lead_on_name_speakers_of_the_articles_cited() -> None:
    assert next_questions(ONE) == ["What did Ada Lund say?"]
    assert next_questions(replace(ONE, question="What did Ada Lund say?")) == []
    assert next_questions(REFUSED) == []


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
    assert said(Turn("q", result=REFUSED)) == "The articles do not say."


def test_what_asks_nothing_is_not_said_to_have_no_answer() -> None:
    thanks = replace(REFUSED, reason=Reason("nothing_asked", "You are welcome."), closest=())
    assert "You are welcome." in shown(thanks)
    assert "cw-verdict" not in shown(thanks)
    assert "No answer" in shown(replace(thanks, reason=Reason("nothing_found", "Nothing is near this question.")))


def test_an_answer_is_copied_with_its_citations_and_a_refusal_has_none() -> None:
    assert "Copy with citations" in shown(ONE)
    assert "Copy with citations" not in shown(REFUSED)


def test_coverage_names_articles_outlets_days_and_filters() -> None:
    words = (
        "Searched 12 articles of 3 outlets, published 1 March 2023 to 10 March 2023. "
        "Only\N{NO-BREAK SPACE}outlet Dawn from 1 March 2023"
    )
    assert words in texts(shown(ONE), "p")


def test_days_are_said_in_the_fewest_words_and_not_where_the_article_says_them_itself() -> None:
    year, month = (date(1987, 1, 1), date(1987, 12, 31)), (date(2024, 2, 1), date(2024, 2, 29))
    assert span_words(*year) == "1987"
    assert span_words(date(1987, 1, 1), date(1989, 12, 31)) == "1987 to 1989"
    assert span_words(*month) == "February 2024"
    assert span_words(date(2024, 2, 1), date(2024, 2, 28)) == "1 February 2024 to 28 February 2024"
    assert span_words(date(2024, 2, 1), date(2024, 2, 1)) == "1 February 2024"
    assert span_words(date(9999, 12, 1), date(9999, 12, 31)) == "December 9999"
    days = tuple(ResolvedDay(words, 1000, 1004, *year) for words in ("1987", "that year"))
    html = shown(result((answer(FULL),), (replace(FULL, dates=days),)))
    assert "<dt>“that year”</dt><dd>1987</dd>" in html
    assert "<dt>“1987”</dt>" not in html


def test_articles_without_an_outlet_are_not_counted_as_of_0_outlets() -> None:
    for searched, words in (
        (Searched(2, 0, None, None), "Searched 2 articles without an outlet."),
        (Searched(1, 1, None, None), "Searched 1 article of 1 outlet."),
        (Searched(0, 0, None, None), "Searched no articles."),
    ):
        assert words in shown(replace(ONE, searched=searched))
        assert words in copied_text(Turn("q", result=replace(ONE, searched=searched)))


def test_a_message_is_a_sentence_without_backticks() -> None:
    assert as_sentence("the library is empty: use `citewire add FOLDER`") == (
        "The library is empty: use “citewire add FOLDER”."
    )
    assert as_sentence("ask “Who?”") == "Ask “Who?”"
    assert as_sentence("https://dawn.example: it is empty") == "https://dawn.example: it is empty."
    assert as_sentence(" ") == "Something went wrong."
    empty = replace(
        REFUSED, status="empty_library", reason=Reason("empty_library", "Add some with `citewire add`."), closest=()
    )
    assert "`" not in shown(empty) + said(Turn("q", result=empty)) + copied_text(Turn("q", result=empty))


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


def test_the_link_to_the_original_leads_to_the_quote() -> None:
    assert quote_address("https://a.example/x", "five,-died") == "https://a.example/x#:~:text=five,-died"
    assert quote_address("https://a.example/x#top", "five") == "https://a.example/x#top:~:text=five"
    assert quote_address("https://a.example/x", "") == "https://a.example/x"
    assert f'href="{FULL.url}#:~:text={FULL.fragment}"'.replace("&", "&amp;") in shown(ONE)
    info = ArticleInfo(
        *("a" * 16, "url:x", "sha256:b", True, "T", "T", "Dawn", None, None, None, "https://a.example/x", None, None),
        *(None, None, "2023", "2023", 10),
    )
    html = article_html(StoredArticle(info, "Five died. Then five left.", ()), start=16, end=20)
    assert 'href="https://a.example/x#:~:text=Five%20died.%20Then-,five"' in html


def test_an_article_marks_a_quote_that_runs_over_two_paragraphs() -> None:
    info = ArticleInfo(
        *("a" * 16, "url:x", "sha256:b", True, "T", "T", "Dawn", None, None, None, None, None, None, None, None),
        *("2023", "2023", 10),
    )
    stored = StoredArticle(info, "One two.\n\nThree four.\n\nFive.", ())
    html = article_html(stored, start=4, end=15)
    assert texts(html, "mark") == ["two.", "Three"]
    assert html.count('id="quote"') == 1


def test_searched_words_are_marked_in_any_form_and_the_place_found_has_the_name() -> None:
    info = ArticleInfo(
        *("a" * 16, "url:x", "sha256:b", True, "T", "T", "Dawn", None, None, None, None, None, None, None, None),
        *("2023", "2023", 10),
    )
    stored = StoredArticle(info, "The diver <left>.\n\nDivers dived at the Wreck-site. A wreck.", ())
    html = article_html(stored, start=19, end=60, words="divers at the wreck")
    assert texts(html, "mark") == ["diver", "Divers", "Wreck", "wreck"]
    assert '<mark id="quote" tabindex="-1">Divers</mark>' in html
    assert "&lt;left&gt;" in html
    assert marked("<a> & b", word_spans("<a> & b", "")) == "&lt;a&gt; &amp; b"
    assert "words=a+%26+b" in article_address("ab", words="a & b")


def test_a_fact_sheet_is_named_after_its_question() -> None:
    assert file_name("Who led the delegations?", "csv") == "citewire-who-led-the-delegations.csv"
    assert file_name('../../etc \r\n"x', "md") == "citewire-etc-x.md"
    assert file_name("¿?", "md") == "citewire-answer.md"


def test_a_permanent_link_gives_back_question_turns_and_filters() -> None:
    filters = Filters(("Dawn", "A & B"), date(2023, 3, 1), date(2023, 3, 10))
    link = permanent_link("Who & why?", ["Where?"], filters)
    assert linked_questions(link[1:]) == Linked(("Where?", "Who & why?"), filters)
    assert linked_questions("source=Dawn") is None


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
    assert f"version {c.version}, characters {c.start} to {c.end}" in markdown
    assert "The articles differ:" in markdown


def test_a_spreadsheet_takes_no_cell_for_a_formula_and_markdown_no_text_for_markup() -> None:
    c = citation(1, "=HYPERLINK(1)", "=HYPERLINK(1) *x* <b>")
    turns = [Turn("=1+1", result=result((answer(c),), (c,)))]
    (row,) = csv.DictReader(io.StringIO(export(turns, "csv").removeprefix("\ufeff")))
    assert (row["question"], row["quote"]) == ("'=1+1", "'=HYPERLINK(1)")
    assert r"\*x\* \<b\>" in export(turns, "md")


def test_words_that_begin_or_end_with_a_quotation_mark_get_no_second_one() -> None:
    said, told = "“We counted 61,” Ada Lund said.", "Ada Lund said: “We counted 61.”"
    cited = (citation(1, "“We counted 61,”", said), citation(2, "Ada Lund", told))
    shown = result(tuple(answer(c) for c in cited), cited)
    for text in (terminal_text(shown, colour=False), copied_text(Turn("How many?", result=shown))):
        assert f"[1] {said}\n" in text
        assert f"[2] {told}\n" in text
    assert "[1] \033[1m“We counted 61,”\033[0m Ada Lund said.\n" in terminal_text(shown, colour=True)
    assert f"1. {said}\n" in export([Turn("How many?", result=shown)], "md")


def test_what_is_copied_stands_by_itself() -> None:
    assert copied_text(Turn("How many?", result=RIVALS)) == (
        "How many?\n\nThe articles differ:\n“61 people 🎈” [1]\n“Nobody else counted” [2] (newer)\n\n"
        f"[1] “{TEXT}”\nTitle 1 — Outlet 1, Nora Fitch, 6 March 2023.\nSaid by Ada Lund (quoted directly).\n"
        f"Before it: “Ada Lund is the county’s engineer.”\n“Monday” is Monday, 6 March 2023.\n"
        f"Also in Geo, 7 March 2023.\n{FULL.url}#:~:text={FULL.fragment}\n\n"
        f"[2] “{TEXT}”\nTitle 2 — Outlet 2, 6 March 2023.\n"
        "https://news.example/2?a=1&b=2#:~:text=Nobody%20else%20counted\n\n"
        "Searched 12 articles of 3 outlets, 1 March 2023 to 10 March 2023 (outlet Dawn; from 1 March 2023)."
    )
    assert "differ" not in copied_text(Turn("How many?", result=ONE))
    assert "The articles do not say." in copied_text(Turn("How many?", result=REFUSED))


def _texts(file: bytes, suffix: str) -> str:
    """Return the texts of a file, a line each."""
    if suffix == "docx":
        return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(file)).paragraphs)
    if suffix == "xlsx":
        (sheet,) = load_workbook(io.BytesIO(file)).worksheets
        return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    return file.decode()


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "md", "csv", "jsonld"])
def test_a_file_keeps_sentence_speaker_copies_day_link_and_that_the_articles_differ(suffix: str) -> None:
    sheet = _texts(answer_file([Turn("How many?", result=RIVALS)], suffix), suffix)
    known = [
        "The mayor spoke on Monday.",
        "Ada Lund",
        "quoted directly",
        "Geo, 7 March 2023",
        "“Monday” is Monday, 6 March 2023",
        "Ada Lund is the county’s engineer.",
        f"{FULL.url}#:~:text={FULL.fragment}",
    ]
    assert [words for words in known if words not in sheet] == []


def test_only_answers_that_contradict_each_other_are_said_to_differ() -> None:
    third = citation(3, "The mayor spoke")
    both = result((*RIVALS.answers, answer(third, group=2)), (*RIVALS.citations, third))
    rows = csv.DictReader(io.StringIO(export([Turn("How many?", result=both)], "csv").removeprefix("\ufeff")))
    assert [row["differs"] for row in rows] == ["True", "True", "False"]
    assert export([Turn("How many?", result=both)], "md").count("The articles differ:") == 1
    groups = [
        a["citewire:group"]
        for a in json.loads(export([Turn("q", result=both)], "jsonld"))["mainEntity"][0]["suggestedAnswer"]
    ]
    assert groups == [1, 1, 2]


def test_a_conversation_is_found_by_its_own_token_alone_and_the_oldest_go_first() -> None:
    kept = RecentConversations(limit=2)
    turns = [Turn("a", result=ONE), Turn("b", result=ONE), Turn("c", result=ONE)]
    for turn in turns:
        kept.keep([turn])
    assert kept.get(turns[0].token) == ()
    assert kept.get(turns[2].token) == (turns[2],)
    assert len({turn.token for turn in turns}) == 3
    assert len(turns[0].token) >= 20
