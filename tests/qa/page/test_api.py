"""The named endpoints, used by a real client against a real server."""

import json
from collections.abc import Iterator
from typing import Any

import patient
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from page_steps import serving
from program_library import FERRY, HOSTILE, program_assistant

from corpus.article import Article
from corpus.store.activity import all_feedback
from qa.assistant import Assistant
from qa.page.limits import questions_per_minute
from qa.page.site import Site

ENDPOINTS = {"/ask", "/search", "/list_articles", "/read_article", "/export", "/feedback"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with program_assistant(tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture(scope="module")
def site(assistant: Assistant) -> Site:
    return Site(assistant, may_change=True)


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    with serving(site) as served:
        yield served


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


def without_times(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("timings_ms", "token")}


def test_the_endpoints_are_named_and_describe_what_they_take(client: Client) -> None:
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(named) == ENDPOINTS | {"/add_article", "/remove_article"}
    assert [p["parameter_name"] for p in named["/ask"]["parameters"]] == [
        "question",
        "turns",
        "sources",
        "after",
        "before",
        "reader",
        "article",
    ]


def test_ask_gives_what_the_command_line_gives(client: Client, assistant: Assistant) -> None:
    given = client.predict(question="Where did the ferry sink?", api_name="/ask")
    assert given["answers"][0]["text"] == FERRY
    assert without_times(given) == without_times(assistant.ask("Where did the ferry sink?").to_json())
    followed = client.predict("And the heron?", ["Where did the ferry sink?"], ["geo"], "2023-05-01", api_name="/ask")
    assert followed["standalone_question"] != followed["question"]
    assert followed["searched"]["filters"] == {"sources": ["Geo"], "after": "2023-05-01"}


def test_one_article_is_asked_alone(client: Client) -> None:
    newest = client.predict(limit=1, api_name="/list_articles")["articles"][0]
    given = client.predict("Where did the ferry sink?", article=newest["article"], api_name="/ask")
    assert {passage["article"] for passage in given["citations"] + given["closest"]} == {newest["article"]}
    assert given["searched"]["filters"] == {"article": newest["article"], "title": newest["title"]}
    with pytest.raises(AppError, match="The library has no article none"):
        client.predict("Where did the ferry sink?", article="none", api_name="/ask")


def test_ask_takes_the_name_of_a_reader_and_refuses_another(client: Client, assistant: Assistant) -> None:
    name = assistant.reader.name
    assert client.predict("Where did the ferry sink?", reader=name, api_name="/ask")["answers"]
    with pytest.raises(AppError, match="There is no reader of this name here"):
        client.predict("Where did the ferry sink?", reader="another", api_name="/ask")


def test_an_answer_is_exported_and_judged_by_its_token(client: Client, site: Site) -> None:
    token = client.predict(question="Where did the ferry sink?", api_name="/ask")["token"]
    assert FERRY in client.predict(token, "md", api_name="/export")["text"]
    assert client.predict(token, "csv", api_name="/export")["text"].count("https://dawn.example/f,") == 1
    client.predict(token, "right", api_name="/feedback")
    assert all_feedback(site.activity_folder)[-1].verdict == "right"


def test_articles_are_searched_listed_and_read(client: Client) -> None:
    found = client.predict(query="ferry Aldona", limit=1, api_name="/search")
    (passage,) = found["passages"]
    listed = client.predict(limit=1, offset=1, api_name="/list_articles")
    assert (listed["total"], listed["articles"][0]["title"]) == (3, "Ferry sinks")
    article = client.predict(passage["article"], passage["version"], api_name="/read_article")
    assert article["text"][passage["start"] : passage["end"]] == passage["text"] == FERRY
    assert client.predict(sources=["Geo"], before="2023-04-01", api_name="/list_articles")["total"] == 0


def test_an_article_that_came_from_a_file_is_given_without_the_servers_path(
    client: Client, assistant: Assistant
) -> None:
    article = Article("The lock at Vesle was shut for a week.", title="Lock shut", path="/srv/news/2021/week.jsonl#17")
    assistant.library.add([article])
    try:
        (listed,) = [a for a in client.predict(api_name="/list_articles")["articles"] if a["article"] == article.id]
        read = client.predict(article.id, api_name="/read_article")
    finally:
        assistant.library.remove([article.id])
    assert listed["file"] == read["file"] == "week.jsonl#17"
    assert read["text"] == article.text
    assert "/srv/news" not in f"{listed} {read}"
    assert "path" not in listed.keys() | read.keys()


def test_articles_are_added_and_removed(client: Client) -> None:
    text = "An otter came back to the canal of Marbeck, the keeper said."
    added = client.predict(text, "Otter", "Geo", None, "2023-06-01", api_name="/add_article")
    assert added == {"added": 1, "replaced": 0, "unchanged": 0}
    (info,) = client.predict(after="2023-06-01", api_name="/list_articles")["articles"]
    assert client.predict(info["article"], api_name="/remove_article") == {"removed": info["article"]}
    assert client.predict(after="2023-06-01", api_name="/list_articles")["total"] == 0


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("ask", ["???"], "The question is empty"),
        ("ask", ["x" * 2_001], "The question is 2,001 characters long: ask in at most 2,000"),
        ("ask", [5], "Question has to be a text."),
        ("ask", ["ferry", "earlier"], "Turns has to be a list of texts."),
        ("ask", ["ferry", None, [{}]], "An entry of sources has to be a text."),
        ("ask", ["ferry", None, ["x"] * 201], "Sources has more than 200 entries."),
        ("ask", ["ferry", None, None, "yesterday"], "'yesterday' is no day, write it as 2023-03-06"),
        ("ask", ["ferry", None, None, "2023-03-02", "2023-03-01"], "The filters cannot be used"),
        ("search", ["ferry", None, None, None, 51], "Limit has to be a whole number from 1 to 50."),
        ("list_articles", [None, None, None, True], "Limit has to be a whole number"),
        ("read_article", ["../../etc/passwd"], "The library holds no article or version of this name"),
        ("read_article", ["' OR 1=1 --"], "The library holds no article or version of this name"),
        ("export", ["nobody knows"], "This answer is no longer kept"),
        ("export", ["nobody knows", "../md"], "The form has to be one of md, csv, jsonld."),
        ("export", ["nobody knows", {"form": "md"}], "The form has to be one of md, csv, jsonld."),
        ("feedback", ["nobody knows", "right"], "This answer is no longer kept"),
        ("add_article", [" "], "Paste the text of an article"),
        ("add_article", ["text", None, None, None, "soon"], "'soon' is not a date"),
        ("remove_article", ["nobody"], "This article is no longer in the library"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(client: Client, name: str, values: list[Any], message: str) -> None:
    with pytest.raises(AppError) as raised:
        client.predict(*values, api_name=f"/{name}")
    assert message in str(raised.value)
    assert "Traceback" not in str(raised.value)


def test_too_few_values_are_refused_in_one_sentence(address: str, capfd: pytest.CaptureFixture[str]) -> None:
    call = f"{address}gradio_api/call/ask"
    for values in ([], ["Who sank?"]):
        event = patient.post(call, json={"data": values}).json()["event_id"]
        told = f"This takes 7 values, not {len(values)}: /gradio_api/info lists them."
        stream = patient.get(f"{call}/{event}").text
        assert stream.startswith("event: error")
        assert json.loads(stream.partition("data: ")[2])["error"] == told
    assert "Traceback" not in capfd.readouterr().err


def test_text_that_is_no_text_and_hostile_text_comes_back_as_it_is(client: Client, address: str) -> None:
    assert client.predict(f"mayor {HOSTILE}", api_name="/ask")["citations"][0]["source"] == HOSTILE
    # The client cannot send half a surrogate pair; JSON can.
    sent = json.dumps({"data": [f"mayor {HOSTILE} \ud800", *[None] * 6]})
    event = patient.post(
        f"{address}gradio_api/call/ask", content=sent, headers={"content-type": "application/json"}
    ).json()
    stream = patient.get(f"{address}gradio_api/call/ask/{event['event_id']}").text
    assert "event: complete" in stream
    (given,) = json.loads(stream.partition("data: ")[2])
    assert given["question"] == f"mayor {HOSTILE} \ufffd"


def test_a_page_that_only_answers_has_no_endpoint_that_changes(assistant: Assistant) -> None:
    with serving(Site(assistant, why_not="it is public")) as address:
        named = Client(address, verbose=False).view_api(return_format="dict", print_info=False)["named_endpoints"]
        assert set(named) == ENDPOINTS
        assert patient.post(f"{address}gradio_api/call/remove_article", json={"data": ["x"]}).status_code >= 400


def test_a_client_that_asks_too_often_is_told_how_long_to_wait(assistant: Assistant) -> None:
    with serving(Site(assistant, question_limit=questions_per_minute(2))) as address:
        client = Client(address, verbose=False)
        client.predict("ferry", api_name="/ask")
        client.predict("ferry", api_name="/search")
        with pytest.raises(AppError, match=r"More than 2 questions in a minute .*: wait \d+ seconds and try again"):
            client.predict("ferry", api_name="/ask")
        assert client.predict(api_name="/list_articles")["total"] == 3
