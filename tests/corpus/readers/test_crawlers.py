"""The names that crawlers and news APIs give to the fields of an article, in JSON, JSON Lines and CSV."""

import csv
import io
import json

import pytest

from corpus.article import Article
from corpus.cleaning.field_names import field_of, text_rank
from corpus.cleaning.written_dates import iso_date
from corpus.errors import ReadError
from corpus.scan.read import read_bytes

TEXT = "The ferry to Skarn will sail every hour from May on. The council paid for a second boat in the winter."
URL = "https://thequay.example/ferry-hourly"
DAY = "2021-05-03"

RECORDS: dict[str, dict[str, object]] = {
    "news-please": {
        "authors": ["Ines Falk"], "date_download": "2022-01-09 08:00:00", "date_publish": "2021-05-03 10:15:00",
        "date_modify": None, "filename": "x.json", "language": "en", "maintext": TEXT,
        "source_domain": "thequay.example", "title": "Ferry to sail hourly", "title_page": None,
        "url": URL, "description": "Hourly.",
    },
    "GDELT and Perigon": {
        "GKGRECORDID": "7", "V2.1DATE": "20210503101500", "V2SOURCECOMMONNAME": "thequay.example",
        "V2DOCUMENTIDENTIFIER": URL, "title": "Ferry to sail hourly", "authorsByline": "Ines Falk", "language": "en",
        "content": TEXT,
    },
    "newspaper3k": {
        "url": URL, "source_url": "https://thequay.example", "title": "Ferry to sail hourly", "text": TEXT,
        "authors": "['Ines Falk']", "publish_date": "2021-05-03 10:15:00", "meta_lang": "en",
        "meta_site_name": "thequay.example", "summary": "",
    },
    "Scrapy": {
        "article_title": "Ferry to sail hourly", "article_text": TEXT, "post_date": "May 3, 2021",
        "writer_name": "Ines Falk", "page_url": URL, "domain": "www.thequay.example", "scraped_at": "2022-01-09",
        "lang_code": "en",
    },
    "trafilatura": {
        "title": "Ferry to sail hourly", "author": "Ines Falk", "hostname": "thequay.example", "date": "2021-05-03",
        "fingerprint": "ab", "raw_text": TEXT, "text": TEXT, "language": "en", "filedate": "2022-01-09", "source": URL,
        "source-hostname": "thequay.example", "excerpt": "Hourly.", "comments": "",
    },
    "Common Crawl news": {
        "requested_url": URL, "plain_text": TEXT, "published_date": "2021-05-03T10:15:00Z",
        "title": "Ferry to sail hourly", "author": "Ines Falk", "sitename": "thequay.example", "language": "eng",
        "crawl_date": "2022-01-09",
    },
    "GDELT": {
        "DocumentIdentifier": URL, "SourceCommonName": "thequay.example", "seendate": "20210503T101500Z",
        "Title": "Ferry to sail hourly", "Author": "Ines Falk", "Text": TEXT, "language": "English",
    },
    "Event Registry": {
        "uri": "77", "lang": "eng", "date": "2021-05-03", "time": "10:15:00", "dateTimePub": "2021-05-03T10:15:00Z",
        "url": URL, "title": "Ferry to sail hourly", "body": TEXT,
        "source": {"uri": "thequay.example", "title": "thequay.example"},
        "authors": [{"uri": "ines_falk@thequay.example", "name": "Ines Falk", "type": "author"}],
    },
    "MediaCloud": {
        "stories_id": 9, "article_title": "Ferry to sail hourly", "publish_date": "2021-05-03", "original_url": URL,
        "media_name": "thequay.example", "media_url": "https://other.example/", "indexed_date": "2022-01-09",
        "text_content": TEXT, "language": "en", "author": "Ines Falk",
    },
    "webz.io": {
        "thread": {"site": "thequay.example", "section_title": "News", "published": "2020-01-01"}, "url": URL,
        "author": "Ines Falk", "published": "2021-05-03T10:15:00.000+00:00", "title": "Ferry to sail hourly",
        "text": TEXT, "language": "english", "crawled": "2022-01-09",
    },
    "Aylien": {
        "id": 5, "title": "Ferry to sail hourly", "body": TEXT, "author": {"id": 8, "name": "Ines Falk"},
        "published_at": "2021-05-03T10:15:00Z", "language": "en", "source": {"id": 3, "name": "thequay.example"},
        "links": {"permalink": URL, "related_stories": "https://api.example/related"},
    },
    "NewsAPI in a table": {
        "source": "{'id': None, 'name': 'thequay.example'}", "author": "Ines Falk", "title": "Ferry to sail hourly",
        "description": "Hourly.", "url": URL, "publishedAt": "2021-05-03T10:15:00Z", "content": TEXT, "lang": "en",
    },
}  # fmt: skip


def read(data: str, name: str) -> Article:
    errors: list[ReadError] = []
    (article,) = read_bytes(data.encode(), name=name, on_bad=errors.append)
    assert errors == []
    return article


def table(record: dict[str, object]) -> str:
    written = io.StringIO()
    rows = csv.DictWriter(written, list(record))
    rows.writeheader()
    rows.writerow(record)
    return written.getvalue()


@pytest.mark.parametrize("crawler", RECORDS)
@pytest.mark.parametrize("name", ["news.json", "news.jsonl", "news.csv"])
def test_what_a_crawler_calls_its_fields_is_known(crawler: str, name: str) -> None:
    record = RECORDS[crawler]
    data = table(record) if name.endswith("csv") else json.dumps([record] if name.endswith("json") else record)
    if name.endswith("csv") and crawler in ("webz.io", "Aylien"):
        pytest.skip("its tables have what is wrapped in columns of its own")
    article = read(data, name)
    assert (article.text, article.title, article.author) == (TEXT, "Ferry to sail hourly", "Ines Falk")
    assert (article.source, article.url, article.language) == ("thequay.example", URL, "en")
    assert (article.published or "")[:10] == DAY


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("og:site_name", "source"), ("article:published_time", "published"), ("Story URL", "url"),
        ("section_name", "section"), ("crawl_date", None), ("download_date", None), ("image_url", None),
        ("document_type", None), ("media_url", None), ("author_email", None), ("title_length", None),
    ],
)  # fmt: skip
def test_a_name_put_together_names_a_field_only_where_all_of_it_does(label: str, field: str | None) -> None:
    assert field_of(label) == field


@pytest.mark.parametrize(("name", "rank"), [("page_text", 0), ("meta_description", 1), ("text_length", None)])
def test_texts_and_teasers_are_told_apart(name: str, rank: int | None) -> None:
    assert text_rank(name) == rank


@pytest.mark.parametrize("written", ["20210503101500", "20210503T101500Z", 1620036900000000, 1620036900000000000])
def test_days_are_read_as_databases_write_them(written: object) -> None:
    assert (iso_date(str(written)) or "")[:10] == DAY


def test_what_wordpress_embeds_names_the_writer_and_the_section() -> None:
    terms = [
        [{"taxonomy": "category", "name": "Harbour"}, {"name": "Local"}],
        [{"taxonomy": "post_tag", "name": "tag"}],
    ]
    post = {
        "id": 9, "date": "2021-05-03T10:15:00", "link": URL, "title": {"rendered": "Ferry to sail hourly"},
        "content": {"rendered": f"<p>{TEXT}</p>", "protected": False}, "author": 3, "categories": [4],
        "_embedded": {"author": [{"id": 3, "name": "Ines Falk", "description": "Writes."}], "wp:term": terms},
    }  # fmt: skip
    for data in ([post], post):
        article = read(json.dumps(data), "posts.json")
        assert (article.text, article.author, article.section, article.url) == (TEXT, "Ines Falk", "Harbour", URL)
    alone = read(json.dumps([{name: value for name, value in post.items() if name != "_embedded"}]), "posts.json")
    assert (alone.author, alone.section) == (None, None)


def test_an_outlet_that_is_an_address_is_its_host_or_nothing() -> None:
    host = read(json.dumps({"title": "Ferry", "text": TEXT, "source": "https://www.thequay.example/"}), "a.json")
    page = read(json.dumps({"title": "Ferry", "text": TEXT, "source": URL}), "a.json")
    assert (host.source, page.source, page.url) == ("thequay.example", None, URL)


def test_the_sections_of_a_text_are_one_article() -> None:
    """As Fundus keeps it; sections of a site that list articles are not touched."""
    body = {"summary": ["Hourly."], "sections": [{"headline": [], "paragraphs": [TEXT, "It is blue."]}]}
    data = json.dumps([{"title": "Ferry to sail hourly", "publishing_date": "2021-05-03 10:15:00+02:00", "body": body}])
    article = read(data, "a.json")
    assert (article.title, article.published) == ("Ferry to sail hourly", "2021-05-03T10:15:00+02:00")
    assert article.text == f"{TEXT}\n\nIt is blue."
