"""Where a language model is asked: the server's address, the model's name, and the key, from the environment alone."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from corpus.errors import UsageError

URL_VARIABLE = "CITEWIRE_LLM_URL"
MODEL_VARIABLE = "CITEWIRE_LLM_MODEL"
KEY_VARIABLE = "CITEWIRE_LLM_KEY"
SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A language model on a server that speaks the OpenAI protocol. Printing it never shows the key.

    url: the base address, such as http://127.0.0.1:11434/v1. seconds: for one question's answer, all requests together.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = SECONDS

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
    url: str | None, model: str | None, *, environment: Mapping[str, str], seconds: float | None = None
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
    )
