"""Where a language model is asked: address, model and key, and the client that asks there.

The key comes from the environment alone.
"""

import ipaddress
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from corpus import __version__
from corpus.errors import UsageError

NAME = "llm"
"""What `--reader` calls it."""
URL_VARIABLE = "CITEWIRE_LLM_URL"
MODEL_VARIABLE = "CITEWIRE_LLM_MODEL"
KEY_VARIABLE = "CITEWIRE_LLM_KEY"
SECONDS = 120.0
PASSAGES = 10
_MOST_REPLY_BYTES = 16 * 1024**2
_CONNECT_SECONDS = 10.0
_HEADERS = frozenset(
    ("host", "connection", "accept", "accept-encoding", "content-type", "content-length", "transfer-encoding")
)
"""Headers that are sent as they are; the package's others tell of this machine or come from its own variables."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A language model on a server that speaks the OpenAI protocol. Printing it never shows the key.

    url: the base address, such as http://127.0.0.1:11434/v1. seconds: for one question's answer, all requests together.
    passages: how many a question sends at most.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = SECONDS
    passages: int = PASSAGES

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            parts, host = urlsplit(""), None
        if parts.username or parts.password:
            raise UsageError(f"the address of a language model holds no name or password: set {KEY_VARIABLE}")
        if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
            raise UsageError("the address of a language model is written as http://127.0.0.1:11434/v1: see --llm-url")
        if not self.model.strip():
            raise UsageError(f"name the language model: add --llm-model NAME, or set {MODEL_VARIABLE}")
        if not self.seconds > 0:
            raise UsageError("--llm-timeout takes a number of seconds above 0")
        if self.passages < 1:
            raise UsageError("--llm-passages takes a number from 1")
        if not self.key.isascii() or any(c.isspace() or not c.isprintable() for c in self.key):
            raise UsageError(
                f"the key in {KEY_VARIABLE} has a character that no key has, such as a space or a line end"
            )

    @property
    def host(self) -> str:
        """The host with its port where one is named: all that leaves this machine goes there."""
        return urlsplit(self.url).netloc

    @property
    def is_local(self) -> bool:
        """Whether the host is this machine by its very name or address."""
        name = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return name.casefold() == "localhost"

    @property
    def notice(self) -> str:
        """What a person is told before asking, in a sentence or two."""
        sent = f"The question and the passages found for it go to {self.host}, to the model {self.model}"
        if self.is_local:
            return f"{sent}, on this machine."
        if urlsplit(self.url).scheme == "http":
            return f"{sent}. They leave this machine, unencrypted."
        return f"{sent}. They leave this machine."


def named_endpoint(
    url: str | None,
    model: str | None,
    *,
    environment: Mapping[str, str],
    seconds: float | None = None,
    passages: int | None = None,
) -> Endpoint | None:
    """Return the endpoint that options or environment name, None where no address is named.

    Raises UsageError for an address without a model, and for one that is none.
    """
    address = (url or environment.get(URL_VARIABLE) or "").strip()
    if not address:
        return None
    return Endpoint(
        url=address.rstrip("/"),
        model=(model or environment.get(MODEL_VARIABLE) or "").strip(),
        key=environment.get(KEY_VARIABLE, "").strip(),
        seconds=SECONDS if seconds is None else seconds,
        passages=PASSAGES if passages is None else passages,
    )


def open_client(endpoint: Endpoint, sent: Callable[[], None]) -> Any:  # noqa: ANN401 - of a package that may be missing
    """Return the package's client: no redirects, one retry, no headers but the ones needed, no endless reply.

    sent: called for each request.
    """
    import httpx2
    from openai import APIConnectionError, AsyncOpenAI

    class Bounded(httpx2.AsyncByteStream):
        """A reply's bytes, as long as they are not too many: the package keeps a line until it ends."""

        def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
            self._stream, self._request = stream, request

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = _MOST_REPLY_BYTES
            async for part in self._stream:
                left -= len(part)
                if left < 0:
                    raise APIConnectionError(request=self._request)
                yield part

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def bound(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = Bounded(response.stream, response.request)

    async def only_what_is_needed(request: httpx2.Request) -> None:
        sent()
        for name in list(request.headers):
            if name.lower() not in _HEADERS:
                del request.headers[name]
        request.headers["user-agent"] = f"citewire/{__version__}"
        if endpoint.key:
            request.headers["authorization"] = f"Bearer {endpoint.key}"

    http = httpx2.AsyncClient(
        follow_redirects=False,
        trust_env=not endpoint.is_local,  # a proxy would take this machine's own traffic elsewhere
        timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS),  # the whole has a deadline
        limits=httpx2.Limits(max_keepalive_connections=0),  # nothing stays open between questions
        event_hooks={"request": [only_what_is_needed], "response": [bound]},
    )
    return AsyncOpenAI(api_key=endpoint.key or "none", base_url=endpoint.url, http_client=http, max_retries=1)
