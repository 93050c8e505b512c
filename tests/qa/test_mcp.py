"""The MCP server, spoken to by a real client: over HTTP beside the page, and over standard input and output."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_steps import serving
from program_library import FERRY, HOSTILE, program_assistant
from repository import ROOT

pytest.importorskip("mcp", reason="the package mcp is not installed: pip install 'citewire[mcp]'")
from mcp import Client, StdioServerParameters

from corpus.errors import CitewireError
from qa.assistant import Assistant
from qa.page.limits import questions_per_minute
from qa.page.site import Site
from qa.service import make_mcp_server


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with program_assistant(tmp_path_factory.mktemp("mcp")) as made:
        yield made


@pytest.fixture(scope="module")
def address(assistant: Assistant) -> Iterator[str]:
    with serving(Site(assistant), mcp=True) as served:
        yield served


def called(server: str | StdioServerParameters, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """Return what the tools give: their object, or for an error its sentence."""

    async def call() -> list[Any]:
        given: list[Any] = []
        async with Client(server) as client:
            for name, values in calls:
                result = await client.call_tool(name, values)
                text = str(getattr(result.content[0], "text", ""))
                given.append(text if result.is_error else (result.structured_content or json.loads(text)))
        return given

    return asyncio.run(call())


def test_the_tools_are_described_and_change_nothing(address: str) -> None:
    async def tools() -> list[Any]:
        async with Client(f"{address}mcp") as client:
            return list((await client.list_tools()).tools)

    found = {tool.name: tool for tool in asyncio.run(tools())}
    assert set(found) == {"ask", "search", "read_article", "list_articles"}
    assert all(tool.annotations.read_only_hint and tool.description for tool in found.values())
    assert found["ask"].input_schema["required"] == ["question"]


def test_the_tools_give_what_the_command_line_gives(address: str, assistant: Assistant) -> None:
    asked, found, listed = called(
        f"{address}mcp",
        ("ask", {"question": "Where did the ferry sink?", "sources": ["Dawn"], "after": "2023-03-01"}),
        ("search", {"query": "ferry Aldona", "limit": 1}),
        ("list_articles", {"sources": [HOSTILE]}),
    )
    assert asked["schema"] == "citewire/1"
    assert asked["answers"][0]["text"] == FERRY
    assert asked["searched"]["filters"] == {"sources": ["Dawn"], "after": "2023-03-01"}
    assert [p["text"] for p in found["passages"]] == [FERRY]
    assert [a["title"] for a in listed["articles"]] == [HOSTILE]
    (read,) = called(f"{address}mcp", ("read_article", {"article": found["passages"][0]["article"]}))
    assert read["text"] == FERRY


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("ask", {"question": "???"}, "the question is empty"),
        ("ask", {"question": "ferry", "after": "soon"}, "'soon' is no day"),
        ("search", {"query": "ferry", "limit": 1_000}, "limit has to be a whole number from 1 to 50"),
        ("read_article", {"article": "../../etc/passwd"}, "the library holds no article or version of this name"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(address: str, name: str, values: dict[str, Any], message: str) -> None:
    (said,) = called(f"{address}mcp", (name, values))
    assert message in said


def test_questions_over_mcp_count_as_questions(assistant: Assistant) -> None:
    with serving(Site(assistant, question_limit=questions_per_minute(1)), mcp=True) as address:
        first, second = called(f"{address}mcp", *[("ask", {"question": "Where did the ferry sink?"})] * 2)
        assert first["status"] == "answered"
        assert "more than 1 question in a minute" in second


def test_without_its_package_the_server_says_what_to_install(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    with pytest.raises(CitewireError, match=r"pip install 'citewire\[mcp\]'"):
        make_mcp_server(assistant)


def test_a_desktop_assistant_speaks_to_it_over_standard_input_and_output(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("CITEWIRE_LIBRARY", None)
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "app", "mcp"], env=environment, cwd=str(tmp_path)
    )
    asked, listed = called(server, ("ask", {"question": "Who led the delegations?"}), ("list_articles", {"limit": 1}))
    assert asked["status"] == "answered"
    assert listed["total"] == 20
