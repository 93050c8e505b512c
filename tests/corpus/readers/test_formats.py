"""Reading feeds, JSON, CSV, PDF, Word, EPUB, mail and ZIP files: articles as people read them, with their facts."""

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import sample_files as s
from growth import growth
from reading import read_paths
from sample_files import BODY, PARAGRAPHS, SECOND, TITLE

from corpus.article import Article
from corpus.errors import ReadError, UsageError
from corpus.readers import json_files
from corpus.readers.open_file import OpenFile
from corpus.readers.sandbox import MEMORY_LIMIT
from corpus.scan.read import Overrides, parse_map, read_bytes

TEXT = "\n\n".join(PARAGRAPHS)


def read(data: bytes | str, name: str, mapped: str = "", url: str | None = None) -> tuple[list[Article], list[str]]:
    errors: list[ReadError] = []
    overrides = Overrides(mapped=parse_map(mapped)) if mapped else Overrides()
    raw = data.encode() if isinstance(data, str) else data
    found = list(read_bytes(raw, name=name, url=url, overrides=overrides, on_bad=errors.append))
    return found, [str(error) for error in errors]


def one(data: bytes | str, name: str) -> Article:
    articles, errors = read(data, name)
    assert errors == []
    assert len(articles) == 1
    return articles[0]


def why(data: bytes | str, name: str) -> str:
    articles, errors = read(data, name)
    assert articles == []
    assert len(errors) == 1
    return errors[0]


def test_a_feed_gives_the_article_of_each_item() -> None:
    (first, second), errors = read(s.RSS, "feed.xml", url="https://gazette.example/feed")
    assert errors == []
    assert first == Article(
        text=TEXT,
        title=TITLE,
        source="The Daily Gazette",
        author="Jane Doe",
        published="2023-03-06T10:00:00+05:00",
        url="https://gazette.example/flood?utm_source=rss",
        place="Multan",
        section="Weather",
        language="en",
    )
    assert (second.title, second.url, second.text) == ("Café reopens", "https://gazette.example/cafe", SECOND)


def test_an_atom_feed_gives_days_and_writers_of_its_entries() -> None:
    article = one(s.ATOM, "feed.atom")
    assert (article.title, article.source, article.author, article.text) == (
        TITLE,
        "The Daily Gazette",
        "Jane Doe",
        TEXT,
    )
    assert (article.published, article.modified) == ("2023-03-06T10:00:00+05:00", "2023-03-07T09:00:00+00:00")
    assert (article.url, article.language) == ("https://gazette.example/flood", "en")


def test_an_agencys_file_gives_its_article() -> None:
    article = one(s.NITF, "a.xml")
    assert article.text == f"{BODY}\n\n{SECOND}"
    assert (article.title, article.author, article.place, article.section, article.published, article.source) == (
        TITLE, "Jane Doe", "Multan", "Weather", "2023-03-06T10:00:00+00:00", "The Daily Gazette",
    )  # fmt: skip


def test_a_news_item_of_newsml_says_what_it_says_of_itself() -> None:
    item = f"""<?xml version="1.0"?><newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:quay:1">
        <itemMeta><provider literal="quay"><name>Quay Wire</name></provider></itemMeta>
        <contentMeta><contentCreated>2023-03-06T10:00:00Z</contentCreated><headline>{TITLE}</headline>
        <by>By Jane Doe</by><dateline>MULTAN</dateline><language tag="en"/></contentMeta>
        <contentSet><inlineXML><html><body><p>{BODY}</p><p>{SECOND}</p></body></html></inlineXML></contentSet></newsItem>"""
    article = one(item, "a.xml")
    assert (article.title, article.author, article.source) == (TITLE, "Jane Doe", "Quay Wire")
    assert (article.published, article.place, article.language) == ("2023-03-06T10:00:00+00:00", "MULTAN", "en")
    assert article.text == f"{BODY}\n\n{SECOND}"


def test_a_list_of_articles_in_other_xml_is_read() -> None:
    rows = "".join(f"<row><headline>N{i}</headline><date>2023-03-06</date><body>{BODY}</body></row>" for i in range(3))
    articles, errors = read(f"<?xml version='1.0'?><export><rows>{rows}</rows></export>", "export.xml")
    assert errors == []
    assert [(a.title, a.published, a.text) for a in articles] == [(f"N{i}", "2023-03-06", BODY) for i in range(3)]
    assert "holds no articles" in why("<?xml version='1.0'?><a><b>words</b></a>", "a.xml")


@pytest.mark.long
def test_mark_up_within_a_text_does_not_bring_the_names_of_namespaces_again_and_again() -> None:
    """Found by fuzzing: a long name, as often as there are elements, took seconds."""

    def many(size: int) -> None:
        words = " ".join(["<x:b a='1 > 0'>talks</x:b>"] * size)
        item = f"<item><title>Talks</title><description>He said: {words}</description></item>"
        articles, bad = read(f'<rss xmlns:x="{"a" * 100 * size}"><channel>{item}</channel></rss>', "a.xml")
        assert bad == []
        assert [article.text for article in articles] == ["He said: " + " ".join(["talks"] * size)]

    assert growth(many, small=400, times=4) < 8


def test_an_entity_between_elements_is_no_element() -> None:
    """Found by fuzzing."""
    feed = (
        "<rss><channel><title>The Post</title>&what;<author>&who;</author><item>&what;<title>Talks</title>&what;"
        f"<description>{BODY} {SECOND}</description></item><channel>&what;</channel></channel></rss>"
    )
    article = one(f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY what "x"><!ENTITY who "y">]>{feed}', "a.xml")
    assert (article.title, article.source) == ("Talks", "The Post")


def test_entities_that_grow_or_read_files_stay_what_they_are(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words", encoding="utf-8")
    grown = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(12))
    for inside, used in ((grown, "&e11;"), (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "&x;")):
        feed = f'<?xml version="1.0"?><!DOCTYPE rss [{inside}]><rss><channel><item><title>T</title>'
        feed += f"<description>{BODY} {used}</description></item></channel></rss>"
        articles, errors = read(feed, "feed.xml")
        assert len(articles) + len(errors) >= 1
        assert all("secret" not in a.text and len(a.text) < 1000 for a in articles)
    part = f'<?xml version="1.0"?><!DOCTYPE d [{grown}]><d><p><t>{BODY}</t></p><p><t>&e11;</t></p></d>'
    assert one(s.zip_of({"[Content_Types].xml": "", "word/document.xml": part}), "a.docx").text == BODY


def test_a_feed_that_breaks_off_keeps_its_whole_items() -> None:
    articles, _ = read(s.RSS[: s.RSS.index("Caf")], "feed.xml")
    assert [a.title for a in articles][:1] == [TITLE]


@pytest.mark.parametrize(
    "shape",
    [
        lambda records: records,
        lambda records: {"status": "ok", "articles": records},
        lambda records: {"response": {"docs": records, "meta": {"hits": 2}}},
        lambda records: {"hits": {"hits": [{"_id": str(i), "_source": r} for i, r in enumerate(records)]}},
        lambda records: {f"a{i}": record for i, record in enumerate(records)},
        lambda records: [{"id": i, "fields": r} for i, r in enumerate(records)],
        lambda records: [r | {"text": {"rendered": f"<p>{r['text']}</p>"}} for r in records],
        lambda records: [r | {"rank": float("nan")} for r in records],
    ],
)
def test_json_of_many_shapes_gives_the_same_articles(shape) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    articles, errors = read(json.dumps(shape(s.RECORDS), indent=1), "a.json")
    assert errors == []
    assert [(a.title, a.text, a.published) for a in articles] == [
        ("One", BODY, "2023-03-06"),
        ("Two", f"{BODY}\n\n{SECOND}", "2023-03-07"),
    ]


_NODES: dict[str, dict[str, object]] = {
    "Arc": {
        "content_elements": [
            {"type": "text", "content": f"<p>{BODY}</p>"},
            {"type": "image", "caption": "The river", "url": "https://x.example/1", "title": "River"},
            {"type": "text", "content": SECOND},
        ]
    },
    "Sanity": {
        "body": [
            {"_type": "block", "children": [{"_type": "span", "text": BODY[:9]}, {"_type": "span", "text": BODY[9:]}]},
            {"_type": "image", "asset": {"_ref": "image-1"}},
            {"_type": "block", "style": "normal", "children": [{"_type": "span", "marks": ["em"], "text": SECOND}]},
        ]
    },
    "Contentful": {
        "body": {
            "nodeType": "document",
            "content": [
                {
                    "nodeType": "paragraph",
                    "content": [
                        {"nodeType": "text", "value": BODY[:5], "marks": []},
                        {
                            "nodeType": "hyperlink",
                            "content": [{"nodeType": "text", "value": BODY[5:]}],
                            "data": {"uri": "x"},
                        },
                    ],
                },
                {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": SECOND}]},
            ],
        }
    },
    "Tiptap": {
        "content": {
            "type": "doc",
            "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": words}]} for words in (BODY, SECOND)
            ],
        }
    },
    "Slate": {
        "body": [{"type": "p", "children": [{"text": w[:4]}, {"text": w[4:], "bold": True}]} for w in (BODY, SECOND)]
    },
    "Editor.js": {"content": {"blocks": [{"type": "paragraph", "data": {"text": words}} for words in (BODY, SECOND)]}},
    "Draft.js": {
        "blocks": [
            {"type": "header-two" if words == BODY else "unstyled", "text": words, "depth": 0}
            for words in (BODY, SECOND)
        ]
    },
    "lines": {"paragraphs": [{"text": BODY}, {"text": SECOND}]},
}


@pytest.mark.parametrize("system", _NODES)
@pytest.mark.parametrize("many", [False, True])
def test_the_nodes_of_content_systems_are_one_text(system: str, many: bool) -> None:
    record = {
        "headlines": {"basic": "River talks"},
        "credits": {"by": [{"name": "Jane Doe"}]},
        "display_date": "2023-03-06",
    }
    record = {**record, **_NODES[system]}
    whole = (
        {"items": [record | {"id": 1}, record | {"id": 2}]}
        if many
        else {"props": {"story": record, "more": [{"title": "x"}]}}
    )
    for articles, bad in (read(json.dumps(whole), "a.json"), read(json.dumps(record), "a.jsonl")):
        assert bad == []
        assert {(a.title, a.author, a.published, a.text) for a in articles} == {
            ("River talks", "Jane Doe", "2023-03-06", f"{BODY}\n\n{SECOND}")
        }
    assert len(read(json.dumps(whole), "a.json")[0]) == 1 + many


def test_a_list_of_articles_under_the_name_of_a_text_is_one_of_articles() -> None:
    records = [
        {"type": "story", "title": t, "body": b, "date": "2023-03-06"} for t, b in (("One", BODY), ("Two", SECOND))
    ]
    assert [a.title for a in read(json.dumps({"content": records, "totalPages": 1}), "a.json")[0]] == ["One", "Two"]


@pytest.mark.parametrize("name", ["content", "blocks", "paragraphs"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_nodes_with_titles_are_the_text_of_their_row(name: str, wrapped: bool) -> None:
    """Only in a JSON file may they be articles: a row is one."""
    nodes: object = [{"type": "p", "title": title, "text": text} for title, text in (("Then", BODY), ("Now", SECOND))]
    if wrapped:
        nodes = {"blocks": nodes}
    record = {"title": "River talks", "author": "Jane Doe", "date": "2023-03-06", name: nodes}
    table = io.StringIO()
    rows = csv.DictWriter(table, record)
    rows.writeheader()
    rows.writerow({**record, name: json.dumps(nodes)})
    for data, file in ((json.dumps(record), "a.jsonl"), (table.getvalue(), "a.csv")):
        assert (one(data, file).title, one(data, file).text) == ("River talks", f"{BODY}\n\n{SECOND}")


@pytest.mark.parametrize(
    ("record", "title", "author", "day"),
    [
        ({"titel": "Flut", "inhalt": BODY, "datum": "06.03.2023", "autor": "Jana Muster"}, "Flut", "Jana Muster", "06"),
        (
            {"titre": "Crue", "contenu": BODY, "date_publication": "2023-03-06", "auteur": "J. Dupont"},
            "Crue",
            "J. Dupont",
            "06",
        ),
        (
            {"Título": "Riada", "Contenido": BODY, "Fecha": "2023-03-06", "Autora": "Ana Ruiz"},
            "Riada",
            "Ana Ruiz",
            "06",
        ),
        (
            {"title": "Flood", "body": BODY, "date": {"$date": {"$numberLong": "1678096800000"}}},
            "Flood",
            None,
            "06T10:00:00+00:00",
        ),
        (
            {"title": "Flood", "body": BODY, "date": {"$date": "2023-03-06T10:00:00Z"}},
            "Flood",
            None,
            "06T10:00:00+00:00",
        ),
        ({"title": "Flood", "content": f"{BODY} [+1234 chars]", "publishedAt": "2023-03-06"}, "Flood", None, "06"),
    ],
)
def test_fields_are_known_in_other_languages_and_as_databases_write_them(
    record: dict[str, object], title: str, author: str | None, day: str
) -> None:
    article = one(json.dumps(record), "a.json")
    assert (article.title, article.author, article.text) == (title, author, BODY)
    assert article.published == f"2023-03-{day}"


def test_one_object_is_one_article_also_with_comments_in_it() -> None:
    record = s.RECORDS[1] | {"comments": [{"text": f"I think {BODY * 9}"}] * 5, "authors": [{"name": "Jane Doe"}]}
    article = one(json.dumps(record, indent=2), "a.json")
    assert (article.title, article.text, article.author) == ("Two", f"{BODY}\n\n{SECOND}", "Jane Doe")


def test_json_in_other_encodings_and_broken_off_is_read_as_far_as_it_goes() -> None:
    assert len(read(s.JSON.encode("utf-16"), "a.json")[0]) == 2
    assert len(read(b"\xef\xbb\xbf" + s.JSON.encode(), "a.json")[0]) == 2
    articles, errors = read(s.JSON[:-30], "a.json")
    assert [a.title for a in articles] == ["One"]
    assert len(errors) == 1
    assert errors[0].startswith("a.json: not JSON, or broken off (")
    assert "nested too deeply" in why('{"a":' * 100_000, "a.json")
    assert "never closed" in why("[" * 100_000, "a.json")
    assert "no object in it has a field text" in why('{"a": [1, 2, {"b": "c"}]}', "a.json")


@pytest.mark.parametrize("opening", ["[", '{"articles": ['])
def test_the_largest_json_file_is_read_within_the_memory_of_its_process(opening: str) -> None:
    """With emoji each character of a text takes four bytes, in the file's text and in the articles'."""
    record = json.dumps({"title": "River talks", "text": f"{BODY} \U0001f30a " * 20}, ensure_ascii=False)
    data = f"{opening}{', '.join([record] * 500)}{']' if opening == '[' else ']}'}".encode()
    errors: list[ReadError] = []
    file = OpenFile(stream=io.BytesIO(data), name="a.json", where="a.json", on_bad=errors.append)
    tracemalloc.start()
    try:
        assert next(json_files.read_json(file)).title == "River talks"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak / len(data) * json_files._LARGEST < 0.9 * MEMORY_LIMIT


def test_lines_of_json_are_read_as_lines_whatever_the_name() -> None:
    lines = "\n".join(json.dumps(record) for record in s.RECORDS)
    assert [a.title for a in read(lines, "a.json")[0]] == ["One", "Two"]
    assert [a.title for a in read(s.JSON, "a.jsonl")[0]] == ["One", "Two"]


def test_names_of_fields_can_be_given() -> None:
    records = [{"lede": "x", "story": {"words": BODY}, "when": "2023-03-06", "date": "2024-01-01", "text": "no"}]
    for name, data in (("a.json", json.dumps(records)), ("a.jsonl", json.dumps(records[0]))):
        articles, errors = read(data, name, mapped="text=story.words,published=when,title=lede")
        assert errors == []
        assert [(a.text, a.published, a.title) for a in articles] == [(BODY, "2023-03-06", "x")]
    table = f"Überschrift,Inhalt,Tag\nx,{BODY},2023-03-06\n"
    articles, errors = read(table, "a.csv", mapped="text=Inhalt,published=tag,title=Überschrift")
    assert [(a.text, a.published, a.title) for a in articles] == [(BODY, "2023-03-06", "x")]
    assert read(table, "a.csv", mapped="text=body")[1] == [
        "a.csv: no column is called 'body'; its columns are Überschrift, Inhalt, Tag: "
        "name the text's with --map text=COLUMN"
    ]
    for wrong in ("text", "text=", "words=x"):
        with pytest.raises(UsageError, match="--map"):
            parse_map(wrong)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_tables_of_every_kind_are_read(encoding: str, delimiter: str) -> None:
    table = s.CSV.replace("; and", "~ and").replace(";", delimiter).replace("~", delimiter).replace("old", "öld")
    articles, errors = read(table.encode(encoding), "a.csv")
    assert errors == []
    assert [(a.title, a.published, a.author) for a in articles] == [
        ("One", "2023-03-06", "Jane Doe"),
        (" ".join(f"Two{delimiter} and more".split()), "2023-03-07", None),
    ]
    assert articles[1].text.endswith('said that nobody had been hurt in the flood. "Stay," he said.')
    assert "öld market" in articles[0].text


def test_a_bad_row_is_named_and_the_rest_goes_on() -> None:
    articles, errors = read(f"title;text\r\nOne;{BODY}\r\nTwo;\r\nThree;{SECOND}\r\n", "a.csv")
    assert [a.title for a in articles] == ["One", "Three"]
    assert len(errors) == 1
    assert errors[0].startswith("a.csv line 3: no field text")
    assert "its columns are a, b" in why("a,b\n1,2\n", "a.csv")


def test_a_pdf_is_put_together_from_its_pages() -> None:
    long = " ".join([BODY, SECOND] * 3)
    pages = [["By Jane Doe", "March 6, 2023", f"MULTAN: {long}", SECOND], [SECOND + long, BODY], [BODY + long]]
    article = one(s.pdf_of(pages, title=TITLE, header="The Daily Gazette, 6 March 2023", numbered=True), "a.pdf")
    assert (article.title, article.author, article.published, article.place) == (
        TITLE,
        "Jane Doe",
        "2023-03-06",
        "Multan",
    )
    assert article.text.split("\n\n")[:3] == [f"MULTAN: {long}", SECOND, SECOND + long]
    assert "Gazette" not in article.text
    assert not [p for p in article.text.split("\n\n") if p.isdigit()]


def test_words_divided_at_the_end_of_a_line_are_whole_again() -> None:
    from corpus.readers.documents.pdf_files import pdf_text
    from corpus.readers.documents.pdf_pages import Line, Page

    words = [
        "The govern-",
        "ment of the well-",
        "known man gave a govern-",
        "ment and a well-known price of 2023-",
        "24 years",
    ]
    lines = tuple(Line(w, 50, 700 - 12 * i, 300, 710 - 12 * i, 10) for i, w in enumerate(words))
    _, text, _ = pdf_text([Page(800, lines)])
    assert text == "The government of the well-known man gave a government and a well-known price of 2023-24 years"


def test_columns_are_read_one_after_the_other() -> None:
    paragraphs = [f"Paragraph {n} begins here. {BODY} {SECOND}" for n in ("one", "two", "three", "four")]
    article = one(s.pdf_of([paragraphs], columns=2), "a.pdf")
    assert article.text.split("\n\n") == paragraphs


def test_pdf_files_that_cannot_be_read_say_why() -> None:
    assert why(s.pdf_of([[BODY]], password="u"), "a.pdf") == (
        "a.pdf: the PDF file is locked with a password: save it without one and add that"
    )
    assert "no text; its pages are pictures, or empty: run text recognition (OCR)" in why(s.pdf_of([[], []]), "a.pdf")
    assert "damaged or cut short" in why(b"%PDF-1.7 rubbish", "a.pdf")


def test_a_word_file_gives_headings_tables_boxes_and_insertions() -> None:
    box = f"<w:r><w:drawing><w:txbxContent>{s.docx_paragraph('In a box.')}</w:txbxContent></w:drawing></w:r>"
    cells = "".join(f"<w:tc>{s.docx_paragraph(word)}</w:tc>" for word in ("dam", "", "3 m"))
    body = (
        s.docx_paragraph(TITLE, "Title")
        + s.docx_paragraph("By Jane Doe")
        + f"<w:p><w:r><w:t>MULTAN: {BODY}</w:t></w:r><w:ins><w:r><w:t> It fell.</w:t></w:r></w:ins>"
        f"<w:del><w:r><w:delText> It rose.</w:delText></w:r></w:del>{box}</w:p>"
        + s.docx_paragraph("What next", "Heading2")
        + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
        + s.docx_paragraph(SECOND)
    )
    article = one(s.docx_of(body, core="<dc:title>Other</dc:title><dc:creator>Clerk</dc:creator>"), "a.docx")
    assert (article.title, article.author, article.place) == (TITLE, "Jane Doe", "Multan")
    assert article.text.split("\n\n") == [
        f"MULTAN: {BODY} It fell.", "In a box.", "What next", "dam | | 3 m", SECOND,
    ]  # fmt: skip
    untitled = one(s.docx_of(s.docx_paragraph(BODY), core="<dc:title>Named</dc:title>"), "a.docx")
    assert (untitled.title, untitled.text) == ("Named", BODY)


def test_a_cell_of_a_web_page_stands_under_all_its_headings() -> None:
    table = (
        '<table><tr><th rowspan="2">Post</th><th colspan="2">May</th></tr><tr><th>Rain</th><th>Days</th></tr>'
        '<tr><td rowspan="2">Corvik</td><td>88</td><td>14</td></tr><tr><td>56</td><td></td></tr></table>'
    )
    page = f"<html><body><article><h1>{TITLE}</h1><p>{BODY}</p>{table}<p>{SECOND}</p></article></body></html>"
    assert one(page, "a.html").text.split("\n\n") == [
        BODY, "| Post | May Rain | May Days |", "| Corvik | 88 | 14 |", "| Corvik | 56 | |", SECOND,
    ]  # fmt: skip


def test_a_book_is_one_article_with_its_chapters_in_reading_order() -> None:
    article = one(s.BOOK, "a.epub")
    assert article.text.split("\n\n") == ["The night", BODY, "The dawn", SECOND]
    assert (article.title, article.author, article.published, article.language) == (
        TITLE,
        "Jane Doe",
        "2023-03-06",
        "en",
    )


def test_an_issue_is_an_article_a_chapter() -> None:
    pages = {
        "cover.xhtml": s.chapter("Cover"),
        "1.xhtml": s.chapter("First flood", BODY, SECOND),
        "2.xhtml": s.chapter("Second flood", SECOND, BODY),
    }
    metadata = "<dc:title>The Daily Gazette</dc:title><dc:date>2023-03-06</dc:date>"
    metadata += '<meta name="calibre:publication_type" content="periodical:newspaper:The Daily Gazette"/>'
    articles, errors = read(s.epub_of(pages, spine=list(pages), metadata=metadata), "a.epub")
    assert errors == []
    assert [(a.title, a.source, a.published, a.text) for a in articles] == [
        ("First flood", "The Daily Gazette", "2023-03-06", f"{BODY}\n\n{SECOND}"),
        ("Second flood", "The Daily Gazette", "2023-03-06", f"{SECOND}\n\n{BODY}"),
    ]


def test_a_mail_gives_its_words_and_who_sent_them_when() -> None:
    article = one(s.MAIL, "a.eml")
    assert article == Article(
        text=TEXT,
        title=TITLE,
        source="The Daily Gazette",
        published="2023-03-06T10:00:00+05:00",
        place="Multan",
        language="en",
    )
    page = (
        f'<html><body><div style="display:none">preview</div><table><tr><td><p>{BODY}</p></td></tr><tr><td><p>{SECOND}'
    )
    page += '</p></td></tr></table><p><a href="#">View this email in your browser</a></p></body></html>'
    both = s.mail_of(plain="See the page.", page=page, From="Jane Doe <j@x.example>", Subject="=?utf-8?q?Caf=C3=A9?=")
    article = one(both, "a.eml")
    assert (article.text, article.author, article.title) == (f"{BODY}\n\n{SECOND}", "Jane Doe", "Café")


def test_the_language_is_told_by_the_text_where_it_is_certain() -> None:
    german = (
        "Der Fluss trat am Montag über die Ufer, und das Wasser erreichte bis zum Morgen den alten Markt der Stadt."
    )
    texts = (BODY, german, "Rain fell.", "Bayern Real Roma Ajax Porto " * 5)
    assert [one(text, "a.txt").language for text in texts] == ["en", "de", None, None]


def test_a_mail_that_was_passed_on_gives_the_first_sender() -> None:
    passed = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: The Daily Gazette <n@g.example>\nDate: Mon, 6 Mar 2023"
    )
    passed += f" 10:00:00 +0500\nSubject: {TITLE}\nTo: <me@x.example>\n\n\nMULTAN: {BODY}\n\n{SECOND}\n"
    mail = s.mail_of(
        plain=passed, From="Clerk Kent <k@x.example>", Subject=f"Fwd: {TITLE}", Date="Tue, 7 Mar 2023 1:00 +0000"
    )
    article = one(mail, "a.eml")
    assert (article.text, article.title, article.source) == (TEXT, TITLE, "The Daily Gazette")
    assert article.published == "2023-03-06T10:00:00+05:00"


ALL: Mapping[str, bytes] = {
    "a.xml": s.RSS.encode(),
    "b.json": s.JSON.encode(),
    "c.csv": s.CSV.encode(),
    "d.pdf": s.pdf_of([PARAGRAPHS], title=TITLE),
    "e.docx": s.WORD,
    "f.epub": s.BOOK,
    "g.eml": s.MAIL,
}


def test_an_archive_is_read_member_by_member(tmp_path: Path) -> None:
    inner = s.zip_of({"x.json": s.JSON})
    files: dict[str, bytes | str] = {
        **ALL,
        "../../climbs.txt": BODY,
        "n/inner.zip": inner,
        "__MACOSX/._a.txt": b"\0",
        "pic.png": b"\x89PNG",
    }
    path = tmp_path / "all.zip"
    path.write_bytes(s.zip_of(files | {"bad.txt": bytes(range(256))}))
    errors: list[ReadError] = []
    articles = list(read_paths([path], on_bad=errors.append))
    assert [str(e) for e in errors] == [
        f"{path}/bad.txt: this is binary data, not text: save the article as .txt, .md or .html and add that"
    ]
    assert len(articles) == 2 + 2 + 2 + 1 + 1 + 1 + 1 + 1 + 2
    names = {a.path.removeprefix(path.as_posix()).split("#")[1] for a in articles if a.path}
    assert names == {*ALL, "climbs.txt", "n/inner.zip"}
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["all.zip"]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("wrong", ["x.txt", "x.html", "x", "x.json", "x.zip"])
def test_content_tells_the_format_where_the_name_is_wrong(name: str, wrong: str) -> None:
    rightly, errors = read(ALL[name], name)
    assert errors == []
    assert read(ALL[name], wrong) == (rightly, [])


def test_an_archive_that_expands_without_end_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("good.txt", BODY)
        for number in range(20):
            with archive.open(f"{number}.csv", "w") as member:
                member.write(b"title,text\n")
                for _ in range(10):
                    member.write(b"a" * 1_000_000)
    errors: list[ReadError] = []
    articles = list(read_paths([path], on_bad=errors.append))
    assert [a.text for a in articles] == [BODY]
    assert errors
    deep = s.zip_of({"a.txt": BODY})
    for _ in range(5):
        deep = s.zip_of({"in.zip": deep})
    assert "packed within each other more than 3 deep" in why(deep, "deep.zip")


def test_a_locked_or_damaged_archive_says_so() -> None:
    whole = s.zip_of({"a.txt": BODY * 50, "b.txt": SECOND})
    assert "damaged or cut short" in why(whole[:-30], "a.zip")
    damaged = bytearray(whole)
    damaged[45] ^= 0xFF
    articles, errors = read(bytes(damaged), "a.zip")
    assert [a.text for a in articles] == [SECOND]
    assert errors == ["a.zip/a.txt: it is damaged inside the archive: make the archive again"]
    assert why(s.zip_of({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "a.xlsx").startswith("a.xlsx: .xlsx files")


def test_a_fetched_page_of_typed_lines_keeps_its_address() -> None:
    page = f"<html><body><pre>The river rose\n\n{BODY}</pre></body></html>"
    (article,), _ = read(page, "a.html", url="https://wire.example/1")
    assert article.url == "https://wire.example/1"


@pytest.mark.parametrize(
    "page",
    [
        "<svg><p>{}</p><p>{}</p><meta property='article:published_time' content='2024-05-01'></svg>",
        "<html><body><p>{}</p><script>x</script>&#1; &#x1F;&#xffff; &#12<p>{}</p></body></html>",
        "<html><body><article>&#0;<p>{}&#2</p><style>y</style>&#x000b;<p>{}</p></article></body></html>",
    ],
)
def test_a_page_that_no_browser_made_is_read_or_said_to_have_no_article(page: str) -> None:
    """Found by fuzzing: libraries beneath raise where a page has no page round it, or characters that no tree holds."""
    articles, bad = read(page.format(PARAGRAPHS[0], PARAGRAPHS[1]), "a.html")
    assert not any("could not be read (" in why for why in bad)
    assert articles or "svg" in page
    for article in articles:
        assert PARAGRAPHS[0] in article.text
        assert PARAGRAPHS[1] in article.text


def test_a_page_of_links_alone_has_no_article() -> None:
    links = "".join(f"<p><a href='/{n}'>{PARAGRAPHS[n]}</a></p>" for n in (0, 1))
    assert "no article was found" in why(f"<html><body><h1>All reports</h1>{links}</body></html>", "a.html")


def test_an_export_of_wordpress_gives_its_posts_with_their_authors_names() -> None:
    def item(title: str, kind: str, status: str) -> str:
        return (
            f"<item><title>{title}</title><dc:creator><![CDATA[jdoe]]></dc:creator>"
            '<category domain="post_tag" nicename="sea"><![CDATA[sea]]></category>'
            '<category domain="category" nicename="town"><![CDATA[Town]]></category>'
            f"<content:encoded><![CDATA[<!-- wp:paragraph --><p>{PARAGRAPHS[0]}</p>]]></content:encoded>"
            f"<excerpt:encoded><![CDATA[]]></excerpt:encoded><pubDate>Mon, 06 Mar 2023 10:00:00 +0000</pubDate>"
            f"<wp:post_type>{kind}</wp:post_type><wp:status>{status}</wp:status>"
            "<wp:comment><wp:comment_content>Great post!</wp:comment_content></wp:comment></item>"
        )

    items = [
        item("Out", "post", "publish"),
        item("About us", "page", "publish"),
        item("A picture", "attachment", "inherit"),
        item("Not out", "post", "draft"),
        item("Of its own kind", "interview", "publish"),
    ]
    export = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:dc="d" '
        'xmlns:content="c" xmlns:excerpt="e"><channel><title>The Post</title><wp:author><wp:author_login>jdoe'
        "</wp:author_login><wp:author_display_name><![CDATA[Jane Doe]]></wp:author_display_name></wp:author>"
        f"{''.join(items)}</channel></rss>"
    )
    articles, bad = read(export, "export.xml")
    assert bad == []
    assert [article.title for article in articles] == ["Out", "Of its own kind"]
    assert {(a.author, a.section, a.source, a.text) for a in articles} == {
        ("Jane Doe", "Town", "The Post", PARAGRAPHS[0])
    }


def test_a_charset_that_is_no_name_is_passed_over() -> None:
    """Found by fuzzing: Python raises another error for a name with a null character than for one it does not know."""
    mail = f'Subject: Talks\nContent-Type: text/plain; charset="ut\x00f"\n\n{BODY}\n'.encode() + b"\xce\xff\xfe\n"
    assert BODY in one(mail, "a.eml").text
