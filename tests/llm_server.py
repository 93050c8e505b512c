"""A server on this machine that speaks the OpenAI protocol and answers from a script, well or badly."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request that came: its path, its headers in lower case, and its body."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """All that was said to the model."""
        return "\n".join(message["content"] for message in self.body["messages"])


Step = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One request being answered."""

    handler: BaseHTTPRequestHandler
    asked: Asked
    gone: threading.Event

    def status(self, code: int, text: str = "", **headers: str) -> None:
        """Answer with a status and a JSON error that holds the text."""
        body = json.dumps({"error": {"message": text, "type": "error"}}).encode()
        self.handler.send_response(code)
        self.handler.send_header("Content-Type", "application/json")
        self.handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def begin(self) -> None:
        """Begin a stream of events."""
        self.handler.send_response(200)
        self.handler.send_header("Content-Type", "text/event-stream")
        self.handler.send_header("Connection", "close")
        self.handler.end_headers()

    def send(self, data: str) -> None:
        """Send one event; `gone` is set where nobody reads it any more."""
        try:
            self.handler.wfile.write(f"data: {data}\n\n".encode())
            self.handler.wfile.flush()
        except OSError:
            self.gone.set()
            raise

    def chunk(self, content: str | None, *, finish: str | None = None, log_probability: float | None = None) -> None:
        """Send a part of the reply's text."""
        choice: dict[str, Any] = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
        if log_probability is not None and content is not None:
            token = {"token": content, "logprob": log_probability, "bytes": list(content.encode()), "top_logprobs": []}
            choice["logprobs"] = {"content": [token], "refusal": None}
        self.send(json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [choice]}))

    def end(self, finish: str = "stop", *, usage: bool = True) -> None:
        """Send the end, with what the reply cost."""
        self.chunk(None, finish=finish)
        if usage:
            cost = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
            self.send(json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [], "usage": cost}))
        self.send("[DONE]")


def says(text: str, *, log_probability: float | None = None, usage: bool = True, finish: str = "stop") -> Step:
    """Return a step that replies with a text, a few characters at a time."""

    def step(exchange: Exchange) -> None:
        exchange.begin()
        for at in range(0, len(text), 7):
            exchange.chunk(text[at : at + 7], log_probability=log_probability)
        exchange.end(finish, usage=usage)

    return step


def chooses(*quotes: tuple[int, str], relation: str = "same", log_probability: float | None = None) -> Step:
    """Return a step that replies with quotes, each the number of a sentence and words."""
    named = [{"sentence": number, "words": words} for number, words in quotes]
    return says(json.dumps({"quotes": named, "relation": relation}), log_probability=log_probability)


def quotes(*words: str, relation: str = "same") -> Step:
    """Return a step that quotes words from the first sentence sent that holds them."""

    def step(exchange: Exchange) -> None:
        lines = [line for line in exchange.asked.prompt.splitlines() if re.match(r"\[\d+\] ", line)]
        found = [(int(line[1 : line.index("]")]), w) for w in words for line in lines if w in line]
        chooses(*found, relation=relation)(exchange)

    return step


def status(code: int, text: str = "", **headers: str) -> Step:
    """Return a step that answers with a status."""
    return lambda exchange: exchange.status(code, text, **headers)


def endless(text: str, *, seconds: float = 30.0, pause: float = 0.01) -> Step:
    """Return a step that sends a text again and again."""

    def step(exchange: Exchange) -> None:
        exchange.begin()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            exchange.chunk(text)
            time.sleep(pause)

    return step


def raw(*lines: str) -> Step:
    """Return a step that sends these lines as events, and ends."""

    def step(exchange: Exchange) -> None:
        exchange.begin()
        for line in lines:
            exchange.send(line)

    return step


@dataclass
class LlmServer:
    """A server with its address, what it was asked, and `gone`: set once a client left before the end."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    at_once: int = 0
    most_at_once: int = 0


@contextmanager
def llm_server(steps: Sequence[Step]) -> Iterator[LlmServer]:
    """Serve the steps in their order, the last one for ever."""
    lock = threading.Lock()
    left = list(steps)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            with lock:
                server.asked.append(asked)
                step = left.pop(0) if len(left) > 1 else left[0]
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
            try:
                step(Exchange(self, asked, server.gone))
            except OSError:
                pass
            finally:
                self.close_connection = True
                with lock:
                    server.at_once -= 1

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = LlmServer(f"http://127.0.0.1:{http.server_address[1]}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
