"""One exchange with a language model over the OpenAI protocol: streamed, bounded in time and size, and cancellable.

The package `openai` is imported when a model is to be asked, not before: `pip install 'citewire[llm]'` brings it.
Nothing that the server says goes into an error or a log: it may repeat the question, the passages or the key.
Source: OpenAI API reference, "Create chat completion" and its streaming.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from corpus.errors import CitewireError
from qa.reader.llm.endpoint import KEY_VARIABLE, Endpoint, open_client
from qa.reader.protocol import QuestionCancelled

PACKAGE_MISSING = "a language model needs the package openai: run `pip install 'citewire[llm]'` in its environment"
MOST_AT_ONCE = 4
"""Questions at once; others wait."""
MOST_REPLY_TOKENS = 2_048
MOST_REPLY_CHARACTERS = 16_000
_LOOK_EVERY = 0.1
"""Seconds between two looks at whether the person has left."""
Message = Mapping[str, str]


class LlmFailure(CitewireError):  # noqa: N818 - reads better at the raise
    """The model could not be asked, or what it said is of no use; the built-in reader then answers."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a reply: its bytes in UTF-8, maybe part of a character's, and the log of its probability."""

    data: bytes
    log_probability: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said: `tokens` is empty where the server gives no probabilities; cut: whether it was cut short."""

    text: str
    tokens: tuple[Token, ...] = ()
    cut: bool = False


@dataclass(slots=True)
class Spent:
    """What one question has cost so far, and how many quotes stand nowhere. None: the server did not count tokens."""

    requests: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    quotes_dropped: int = 0

    def count_request(self) -> None:
        """Count a request that goes out."""
        self.requests += 1

    def add(self, prompt: int, completion: int) -> None:
        """Add what the server says that a reply cost."""
        self.prompt_tokens = (self.prompt_tokens or 0) + prompt
        self.completion_tokens = (self.completion_tokens or 0) + completion


class Chat:
    """Asks one model, from any thread; at most `MOST_AT_ONCE` questions at a time."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Raise CitewireError where the package is not installed."""
        try:
            import openai  # noqa: F401
        except ImportError as error:
            raise CitewireError(PACKAGE_MISSING) from error
        for name in ("openai", "httpx2", "httpcore2"):  # at lower levels they write what is sent and received
            logging.getLogger(name).setLevel(logging.WARNING)
        self.endpoint = endpoint
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._form = 0

    def say(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any],
        spent: Spent,
        deadline: float,
        stop: threading.Event,
        told: Callable[[str], None],
    ) -> Reply:
        """Return the model's reply, and tell each part of its text as it comes, in another thread.

        deadline: on the clock of `time.monotonic`. Raises LlmFailure, and QuestionCancelled once `stop` is set.
        """
        while not self._places.acquire(timeout=_LOOK_EVERY):
            if stop.is_set():
                raise QuestionCancelled("the question was cancelled")
            if time.monotonic() > deadline:
                raise LlmFailure("too many questions are being asked of the language model at once")
        left = threading.Event()
        exchange = self._exchange(messages, schema, spent, deadline, lambda: stop.is_set() or left.is_set(), told)
        with ThreadPoolExecutor(1, thread_name_prefix="citewire-llm") as apart:  # a notebook's thread runs a loop
            try:
                return apart.submit(asyncio.run, exchange).result()
            finally:
                left.set()  # Ctrl-C ends the wait alone
                self._places.release()

    async def _exchange(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any],
        spent: Spent,
        deadline: float,
        stop: Callable[[], bool],
        told: Callable[[str], None],
    ) -> Reply:
        import openai

        async with open_client(self.endpoint, spent.count_request) as client:
            asking = asyncio.ensure_future(self._in_the_form_it_takes(client, messages, schema, spent, told))
            try:
                while not (await asyncio.wait({asking}, timeout=_LOOK_EVERY))[0]:
                    if stop():
                        raise QuestionCancelled("the question was cancelled")
                    if time.monotonic() > deadline:
                        raise self._failure(f"did not answer within {self.endpoint.seconds:g} seconds")
                return asking.result()
            except openai.APIStatusError as error:
                raise self._failure(_status(error.status_code, self.endpoint)) from None
            except openai.APIConnectionError:
                raise self._failure("cannot be reached, or broke off") from None
            except (openai.OpenAIError, ValueError, TypeError, AttributeError, LookupError):
                raise self._failure("does not speak the OpenAI protocol") from None
            finally:
                asking.cancel()

    def _failure(self, what: str) -> LlmFailure:
        return LlmFailure(f"the language model at {self.endpoint.host} {what}")

    async def _in_the_form_it_takes(
        self,
        client: Any,  # noqa: ANN401 - of a package that may be missing
        messages: Sequence[Message],
        schema: Mapping[str, Any],
        spent: Spent,
        told: Callable[[str], None],
    ) -> Reply:
        """Ask with all that helps; of a server that refuses some of it, with less, from then on."""
        import openai

        forms = _forms(schema)
        while True:
            form = self._form
            asked = {"model": self.endpoint.model, "messages": list(messages), "stream": True, **forms[form]}
            try:
                stream = await client.chat.completions.create(**asked)
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                if form + 1 >= len(forms):
                    raise
                self._form = max(self._form, form + 1)
            else:
                return await _heard(stream, spent, told)


async def _heard(stream: Any, spent: Spent, told: Callable[[str], None]) -> Reply:  # noqa: ANN401
    """Return a reply that comes in parts, and tell each of them."""
    parts: list[str] = []
    tokens: list[Token] = []
    length, cut, ended = 0, False, False
    try:
        async for chunk in stream:
            if chunk.usage is not None:
                spent.add(chunk.usage.prompt_tokens or 0, chunk.usage.completion_tokens or 0)
            for choice in (chunk.choices or [])[:1]:
                cut = cut or choice.finish_reason == "length"
                ended = ended or choice.finish_reason is not None
                piece = choice.delta.content
                if not isinstance(piece, str):
                    continue
                parts.append(piece)
                told(piece)
                length += len(piece)
                tokens.extend(_tokens(choice))
            if length > MOST_REPLY_CHARACTERS:
                cut = True
                break
    finally:
        await stream.close()
    return Reply("".join(parts), tuple(tokens), cut=cut or not ended)


def _forms(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what to ask with, from all that helps to what every server takes."""
    asked = {
        "response_format": {"type": "json_schema", "json_schema": {"name": "quotes", "schema": schema, "strict": True}}
    }
    return [
        {
            **asked,
            "temperature": 0,
            "max_tokens": MOST_REPLY_TOKENS,
            "logprobs": True,
            "stream_options": {"include_usage": True},
        },
        {**asked, "max_completion_tokens": MOST_REPLY_TOKENS, "stream_options": {"include_usage": True}},
        {"temperature": 0, "max_tokens": MOST_REPLY_TOKENS},
        {},
    ]


def _tokens(choice: Any) -> list[Token]:  # noqa: ANN401 - of a package that may be missing
    content = getattr(choice.logprobs, "content", None) or []
    return [
        Token(each.token.encode() if each.bytes is None else bytes(each.bytes), min(0.0, float(each.logprob)))
        for each in content
    ]


def _status(status: int, endpoint: Endpoint) -> str:
    """Return what an HTTP status means here, and what to do."""
    if status in (401, 403):
        return f"refuses the key (status {status}): set {KEY_VARIABLE}"
    if status == 404:
        return f"has no model {endpoint.model} at this address (status 404): see --llm-model and --llm-url"
    if status == 429:
        return "takes no more questions now (status 429)"
    if 300 <= status < 400:
        return f"sends elsewhere (status {status}), where nothing is sent: name that address with --llm-url"
    return f"could not answer (status {status})"
