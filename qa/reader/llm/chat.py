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
from concurrent.futures import CancelledError
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from corpus.errors import CitewireError
from qa.reader.llm.endpoint import KEY_VARIABLE, Endpoint, open_client
from qa.reader.protocol import QuestionCancelled

PACKAGE_MISSING = "a language model needs the package openai: run `pip install 'citewire[llm]'` in its environment"
MOST_AT_ONCE = 4
"""Questions at once; others wait."""
MOST_REPLY_TOKENS = 2_048
MOST_REPLY_CHARACTERS = 16_000
_LONGEST_PAUSE = 10.0
"""Seconds before the second try, whatever a server asks for."""
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


class Spent:
    """What one question has cost so far, and how many quotes stand nowhere. None: the server did not count tokens."""

    def __init__(self) -> None:
        self.requests = 0
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None
        self.quotes_dropped = 0

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
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None
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
        """Return the model's reply, and tell each part of its text as it comes.

        deadline: on the clock of `time.monotonic`. Raises LlmFailure, and QuestionCancelled once `stop` is set.
        """
        while not self._places.acquire(timeout=_LOOK_EVERY):
            self._look(stop, deadline)
        pieces: SimpleQueue[str | None] = SimpleQueue()
        exchange = self._exchange(messages, schema, spent, deadline, pieces.put)
        future = asyncio.run_coroutine_threadsafe(exchange, self._running_loop())
        future.add_done_callback(lambda _: pieces.put(None))
        try:
            while (piece := self._next(pieces, stop)) is not None:
                told(piece)
            return future.result()
        except CancelledError:
            raise QuestionCancelled("the question was cancelled") from None
        finally:
            future.cancel()
            self._places.release()

    def _look(self, stop: threading.Event, deadline: float) -> None:
        if stop.is_set():
            raise QuestionCancelled("the question was cancelled")
        if time.monotonic() > deadline:
            raise LlmFailure("too many questions are being asked of the language model at once")

    def _next(self, pieces: "SimpleQueue[str | None]", stop: threading.Event) -> str | None:
        """Wait for the next part of the reply; None at its end."""
        while True:
            if stop.is_set():
                raise QuestionCancelled("the question was cancelled")
            try:
                return pieces.get(timeout=_LOOK_EVERY)
            except Empty:
                continue

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop on which all exchanges run: a thread of its own, so that any can be given up at once."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="citewire-llm", daemon=True).start()
                self._client = open_client(self.endpoint)
            return self._loop

    async def _exchange(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any],
        spent: Spent,
        deadline: float,
        tell: Callable[[str], None],
    ) -> Reply:
        import openai

        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                return await self._in_the_form_it_takes(messages, schema, spent, tell)
        except (TimeoutError, openai.APITimeoutError):
            raise self._failure(f"did not answer within {self.endpoint.seconds:g} seconds") from None
        except openai.APIStatusError as error:
            raise self._failure(_status(error.status_code, self.endpoint)) from None
        except openai.APIConnectionError:
            raise self._failure("cannot be reached, or broke off") from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, LookupError):
            raise self._failure("does not speak the OpenAI protocol") from None

    def _failure(self, what: str) -> LlmFailure:
        return LlmFailure(f"the language model at {self.endpoint.host} {what}")

    async def _in_the_form_it_takes(
        self, messages: Sequence[Message], schema: Mapping[str, Any], spent: Spent, tell: Callable[[str], None]
    ) -> Reply:
        """Ask with all that helps; of a server that refuses some of it, with less, from then on."""
        import openai

        forms = _forms(schema)
        while True:
            form = self._form
            try:
                return await self._twice(messages, forms[form], spent, tell)
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                if form + 1 >= len(forms):
                    raise
                self._form = max(self._form, form + 1)

    async def _twice(
        self, messages: Sequence[Message], form: Mapping[str, Any], spent: Spent, tell: Callable[[str], None]
    ) -> Reply:
        """Ask, and once more after a fault that may pass."""
        import openai

        try:
            return await self._once(messages, form, spent, tell)
        except openai.APITimeoutError:
            raise
        except openai.APIConnectionError:
            pause = 0.5
        except openai.APIStatusError as error:
            if error.status_code not in (408, 409, 429) and error.status_code < 500:
                raise
            pause = _pause(error.response.headers.get("retry-after"))
        await asyncio.sleep(pause)
        return await self._once(messages, form, spent, tell)

    async def _once(
        self, messages: Sequence[Message], form: Mapping[str, Any], spent: Spent, tell: Callable[[str], None]
    ) -> Reply:
        spent.requests += 1
        stream = await self._client.chat.completions.create(
            model=self.endpoint.model, messages=list(messages), stream=True, **form
        )
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
                    tell(piece)
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


def _pause(asked: str | None) -> float:
    """Return the seconds before the second try: what the server asks for, within bounds."""
    try:
        seconds = float(asked or "")
    except ValueError:
        seconds = 1.0
    return min(max(seconds, 0.1), _LONGEST_PAUSE) if seconds == seconds else 1.0


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
