"""Parquet tables, RTF and OpenDocument texts; and what to do with the kinds that are not read."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reading import read_paths
from sample_files import BODY, CONTENT, ODT, RTF, SECOND, docx_of, docx_paragraph, zip_of

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.registry import NOT_YET, not_read, suffixes
from corpus.scan.read import read_bytes

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
MIMETYPE = "application/vnd.oasis.opendocument.text"
ROWS = [
    {
        "headline": "Gate opened",
        "body": BODY,
        "published_at": datetime(2021, 5, 3, 10, tzinfo=UTC),
        "writers": ["Ines Falk"],
    },
    {"headline": "No words", "body": None, "published_at": None, "writers": []},
    {"headline": "Barge adrift", "body": SECOND, "published_at": datetime(2021, 5, 4, tzinfo=UTC), "writers": []},
]


def read(data: bytes, name: str) -> tuple[list[Article], list[str]]:
    errors: list[ReadError] = []
    return list(read_bytes(data, name=name, on_bad=errors.append)), [str(error) for error in errors]


def table() -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), made)
    return made.getvalue()


def test_a_table_gives_the_article_of_each_row() -> None:
    (first, second), errors = read(table(), "a.parquet")
    assert (first.title, first.text, first.published, first.author) == (
        "Gate opened", BODY, "2021-05-03T10:00:00+00:00", "Ines Falk",
    )  # fmt: skip
    assert (second.title, second.text) == ("Barge adrift", SECOND)
    assert len(errors) == 1
    assert errors[0].startswith("a.parquet row 2: no field text")


def test_a_table_without_a_text_or_cut_short_says_so() -> None:
    made = io.BytesIO()
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), made)
    assert "its columns are a, b" in read(made.getvalue(), "a.parquet")[1][0]
    assert "damaged or cut short" in read(table()[:-200], "a.parquet")[1][0]


@pytest.mark.parametrize(
    ("data", "name"), [(RTF.encode(), "a.rtf"), (RTF.encode(), "a.doc"), (ODT, "a.odt"), (ODT, "a.zip")]
)
def test_a_document_gives_title_writer_outlet_day_and_its_words(data: bytes, name: str) -> None:
    (article,), errors = read(data, name)
    assert errors == []
    assert (article.title or "").replace("é", "e") == "Cafe at the weir opens"
    assert (article.author, article.source, article.published) == ("Ines Falk", "The Quay", "2021-05-03")
    first, second, row = article.text.split("\n\n")
    assert (first, second.strip("“”"), row) == (BODY, SECOND, "Adult | 4.90")


def test_the_first_heading_of_a_document_and_a_line_above_a_short_text_are_titles() -> None:
    short = "The weir was shut at noon on Monday, the keeper said."
    content = CONTENT.replace(' text:style-name="Title"', "").replace(BODY, short)
    document = zip_of({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})
    for data, name in ((document, "a.odt"), (f"Cafe at the weir opens\n\n{short}\n".encode(), "a.txt")):
        (article,), _ = read(data, name)
        assert article.title == "Cafe at the weir opens"
        assert article.text.startswith(short)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (".doc", ".docx"), (".xlsx", ".csv"), (".msg", ".eml"), (".pst", ".mbox"), (".7z", "unpack"),
        (".mobi", ".epub"), (".ods", ".csv"), (".key", ".pdf"), (".rar", "unpack"), (".arrow", ".parquet"),
        (".pages", ".docx"), (".vtt", "without the times"),
    ],
)  # fmt: skip
def test_each_kind_that_is_not_read_says_what_to_do(kind: str, told: str, tmp_path: Path) -> None:
    (tmp_path / f"a{kind}").write_bytes(b"\x00\x01\x02\x03" * 10)
    errors: list[ReadError] = []
    assert list(read_paths([tmp_path], on_bad=errors.append)) == []
    assert len(errors) == 1
    assert told in str(errors[0])
    assert "and add that" in str(errors[0])


@pytest.mark.parametrize(
    ("name", "start", "told"),
    [
        ("scan.jpg", b"\xff\xd8\xff\xe0", "a picture, which is not read: have the words in it recognised (OCR)"),
        ("talk.m4a", b"\x00\x00\x00\x20ftypM4A ", "a recording, which is not read: have what is said written out"),
        ("talk.wav", b"RIFF\x10\x00\x00\x00WAVEfmt ", "a recording"),
        ("page", b"RIFF\x10\x00\x00\x00WEBPVP8 ", "a picture"),
        ("mail", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file, which is not read: open it"),
        ("archive.zip", b"7z\xbc\xaf\x27\x1c", "an archive, which is not read: unpack it"),
        ("lines.jsonl", b"\xff\xd8\xff\xe0", "a picture"),
        ("list.txt", b"SQLite format 3\x00", "a database, which is not read: export the table of articles as .csv"),
    ],
)  # fmt: skip
def test_the_first_bytes_tell_a_kind_that_is_not_read(name: str, start: bytes, told: str) -> None:
    articles, errors = read(start + b"\x00\x01\x9a" * 200, name)
    assert articles == []
    assert len(errors) == 1
    assert told in errors[0]
    assert errors[0].endswith(", and add that")


def word_cell(words: str, told: str = "") -> str:
    return f"<w:tc><w:tcPr>{told}</w:tcPr>{docx_paragraph(words)}</w:tc>"


def open_cell(words: str, told: str = "") -> str:
    return f"<table:table-cell {told}><text:p>{words}</text:p></table:table-cell>"


HOURS = ["Hours", "Town | Summer | Summer | Winter", "Norby | 9-5 | 10-4 | closed", "Norby | 9-6 | 10-5 | closed"]


def test_a_cell_of_a_word_table_that_spans_several_is_repeated_in_each() -> None:
    rows = [
        word_cell("Hours", '<w:gridSpan w:val="4"/>'),
        word_cell("Town") + word_cell("Summer", '<w:gridSpan w:val="2"/>') + word_cell("Winter"),
        word_cell("Norby", '<w:vMerge w:val="restart"/>') + "".join(map(word_cell, ("9-5", "10-4", "closed"))),
        word_cell("", "<w:vMerge/>") + "".join(map(word_cell, ("9-6", "10-5", "closed"))),
    ]
    body = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    ((article,), errors) = read(docx_of(f"{docx_paragraph(BODY)}<w:tbl>{body}</w:tbl>"), "a.docx")
    assert (errors, article.text.split("\n\n")) == ([], [BODY, *HOURS])


def test_a_cell_of_an_opendocument_table_that_spans_several_or_is_repeated_stands_in_each() -> None:
    covered = "<table:covered-table-cell/>"
    rows = [
        open_cell("Hours", 'table:number-columns-spanned="4"')
        + '<table:covered-table-cell table:number-columns-repeated="3"/>',
        open_cell("Town") + open_cell("Summer", 'table:number-columns-spanned="2"') + covered + open_cell("Winter"),
        open_cell("Norby", 'table:number-rows-spanned="2"') + "".join(map(open_cell, ("9-5", "10-4", "closed"))),
        covered + "".join(map(open_cell, ("9-6", "10-5", "closed"))),
        open_cell("Vesle") + open_cell("closed", 'table:number-columns-repeated="3"'),
    ]
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    content = CONTENT.replace("</office:text>", f"<table:table>{table}</table:table></office:text>")
    ((article,), errors) = read(zip_of({"mimetype": MIMETYPE, "content.xml": content}), "a.odt")
    assert (errors, article.text.split("\n\n")[-5:]) == ([], [*HOURS, "Vesle | closed | closed | closed"])


def test_no_kind_is_both_read_and_not_read() -> None:
    assert not NOT_YET & suffixes()
    assert (
        not_read("a.doc", ".doc").why
        == ".doc files are not read: open it and save it as .docx, .odt or .pdf, and add that"
    )
