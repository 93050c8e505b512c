"""The notebook: quotes are pinned, noted, ordered, kept in the browser, and exported as what people work with."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from docx import Document
from openpyxl import load_workbook
from page_steps import PHONE, OpenPage, ask, chromium, serving, violations
from playwright.sync_api import Page, expect
from program_library import FERRY, HERON, HOSTILE, program_assistant

from corpus.article import Article
from corpus.errors import UsageError
from qa.page.collection import find_articles
from qa.page.site import Site
from qa.page.user_data import MAX_PINS, CitedPin, Pin, cited_pins, read_pins
from qa.page.views.export import GONE, notebook_file, notebook_html

pytest_plugins = ("page_browser",)
chromium()
WIRE = "The lighthouse keeper of Skarn saw the ferry Heron turn back at dusk on Monday, he told the coast radio."
FORMULA = '=HYPERLINK("http://evil.example","x") was written on the ferry wall.'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with program_assistant(tmp_path_factory.mktemp("notebook")) as assistant:
        assistant.library.add([Article(FORMULA, title="=1+1", source="Geo", published="2023-06-01")])
        yield Site(assistant)


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    with serving(site) as served:
        yield served


def pin_of(site: Site, text: str, quote: str, **more: str) -> Pin:
    """Return a pin of a quote in the article that begins with `text`."""
    with site.assistant.library.snapshot() as snapshot:
        for info, _ in find_articles(site, "").listed:
            if (stored := snapshot.article(info.id)).text.startswith(text):
                start = stored.text.index(quote)
                return Pin(info.id, info.version, start, start + len(quote), **more)
    raise AssertionError(text)


def test_a_pinned_quote_keeps_which_others_print_it(tmp_path: Path) -> None:
    with program_assistant(tmp_path) as assistant:
        assistant.library.add(
            Article(
                WIRE, title="A keeper", source=outlet, published=f"2023-06-0{day}", url=f"https://{day}.example/keeper"
            )
            for day, outlet in enumerate(("Echo", "Ledger", "Post"), start=1)
        )
        site = Site(assistant)
        ((pin, cited),) = cited_pins(site, [pin_of(site, WIRE, "turn back")])
    assert cited is not None
    others = {"Echo", "Ledger", "Post"} - {cited.source}
    assert {copy.source for copy in cited.also_in} == others
    assert all(outlet in notebook_html([(pin, cited)]) for outlet in ("Also in", *others))


@pytest.fixture(scope="module")
def notes(site: Site) -> list[CitedPin]:
    pins = [
        pin_of(site, FERRY, "34 people", question="How many?", note="call the harbour office"),
        pin_of(site, "=HYPER", "=HYPERLINK", question="=2+2", note="+cmd\x0b"),
        Pin("0" * 16, "sha256:gone", 0, 5, note="lost"),
        pin_of(site, "The mayor", "<script>"),
    ]
    return cited_pins(site, pins)


def test_the_words_of_a_pin_come_from_the_library_and_never_from_the_browser(site: Site, notes: list[CitedPin]) -> None:
    _, first = notes[0]
    assert first is not None
    assert (first.quote, first.sentence, first.source) == ("34 people", FERRY, "Dawn")
    assert notes[2][1] is None
    beyond = Pin(first.article, first.version, 0, 10_000)
    assert cited_pins(site, [beyond]) == [(beyond, None)]
    html = notebook_html(notes)
    assert "<mark>34 people</mark>" in html
    assert GONE in html
    assert "<script>" not in html


def test_word_has_the_quote_in_bold_with_its_origin_and_note(notes: list[CitedPin]) -> None:
    document = Document(io.BytesIO(notebook_file(notes, "docx")))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for words in (
        FERRY,
        "Ferry sinks — Dawn, 7 March 2023.",
        "https://dawn.example/f#:~:text=34%20people",
        "Note: call the harbour office",
        GONE,
        "Note: lost",
    ):
        assert words in text
    bold = [run.text for paragraph in document.paragraphs for run in paragraph.runs if run.bold]
    assert bold[0] == "34 people"
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 2"]
    assert headings == ["How many?", "=2+2"]


def test_no_cell_of_a_spreadsheet_is_a_formula(notes: list[CitedPin]) -> None:
    sheet = load_workbook(io.BytesIO(notebook_file(notes, "xlsx"))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert FORMULA in [cell.value for cell in cells]
    columns = [cell.value for cell in sheet[1]]
    row = dict(zip(columns, [cell.value for cell in sheet[2]], strict=True))
    assert (row["quote"], row["outlet"], row["note"]) == ("34 people", "Dawn", "call the harbour office")
    rows = list(csv.DictReader(io.StringIO(notebook_file(notes, "csv").decode("utf-8-sig"))))
    assert (rows[1]["quote"], rows[1]["question"], rows[1]["note"][:5]) == ("'=HYPERLINK", "'=2+2", "'+cmd")
    assert rows[2]["quote"] == GONE


def test_markdown_and_json_ld_hold_notes_and_origins(notes: list[CitedPin]) -> None:
    markdown = notebook_file(notes, "md").decode()
    assert "## How many?" in markdown
    assert "Note: call the harbour office" in markdown
    assert r"\<script\>" in markdown
    parts = json.loads(notebook_file(notes, "jsonld"))["hasPart"]
    assert next((part["text"], part["comment"]) for part in parts) == ("34 people", "call the harbour office")
    assert len(parts) == 3


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b'[{"article": "a"}]', b'[{"article": "a", "version": "b", "start": 5, "end": 2}]']
)
def test_what_is_no_notebook_is_refused_in_one_sentence(body: bytes, address: str) -> None:
    if body != b"{}":
        with pytest.raises(UsageError, match="this is no notebook"):
            read_pins(body)
        with pytest.raises(HTTPError, match="400"):
            urlopen(Request(address + "notebook.html", data=body))
    many = [{"article": "a", "version": "b", "start": 0, "end": 2}] * (MAX_PINS + 1)
    with pytest.raises(UsageError, match="a notebook holds 500 quotes"):
        read_pins(json.dumps(many).encode())


def open_notebook(page: Page) -> None:
    page.get_by_role("tab", name="Notebook").click()


def test_quotes_are_pinned_noted_ordered_kept_and_exported(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    open_notebook(page)
    expect(page.locator(".cw-notebook")).to_contain_text("The notebook is empty")
    page.get_by_role("tab", name="Ask").click()
    ask(page, "Where did the ferry sink?")
    page.get_by_role("button", name="Pin to the notebook").first.click()
    expect(page.locator(".cw-toast")).to_contain_text("Pinned")
    page.get_by_role("button", name="Pin to the notebook").first.click()
    expect(page.locator(".cw-toast")).to_contain_text("in the notebook already")
    ask(page, "What did the heron do?")
    page.locator(".cw-turn").last.get_by_role("button", name="Pin to the notebook").first.click()
    open_notebook(page)
    quotes = page.locator(".cw-pins blockquote")
    expect(quotes).to_have_text([FERRY, HERON])
    page.get_by_label("Note on quote 2").fill("ask the warden")
    page.get_by_role("button", name="Move up quote 2").click()
    expect(quotes).to_have_text([HERON, FERRY])
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    open_notebook(page)
    expect(quotes).to_have_text([HERON, FERRY])
    expect(page.get_by_label("Note on quote 1")).to_have_value("ask the warden")
    with page.expect_download() as download:
        page.get_by_role("button", name="Word").click()
    assert download.value.suggested_filename.startswith("citewire-notebook-20")
    assert download.value.suggested_filename.endswith(".docx")
    document = Document(str(download.value.path()))
    assert "Note: ask the warden" in [paragraph.text for paragraph in document.paragraphs]
    page.get_by_role("button", name="Remove quote 1").click()
    expect(quotes).to_have_text([FERRY])
    page.get_by_role("button", name="Remove quote 1").click()
    expect(page.locator(".cw-notebook")).to_contain_text("The notebook is empty")


def test_markup_in_a_pinned_article_never_runs(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "What did the mayor of Marbeck wear?")
    page.get_by_role("button", name="Pin to the notebook").first.click()
    open_notebook(page)
    expect(page.locator(".cw-pins")).to_contain_text(HOSTILE[:40])
    assert page.evaluate("window.hit") is None
