"""The link to the original: a real Chromium goes to the very words that were quoted."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from page_steps import OpenPage, chromium

from qa.compose.cite import text_fragment
from qa.page.views.markup import quote_address

pytest_plugins = ("page_browser",)
chromium()
TEXT = "\n\n".join(
    ["Five people died at sea.", *["Nothing else was known."] * 120, "Five people died at home (five others left)."]
)


class Original(BaseHTTPRequestHandler):
    """The newspaper's own page of the article."""

    def do_GET(self) -> None:
        body = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT.split("\n\n"))
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><link rel='icon' href='data:,'>{body}".encode())

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def original() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Original) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(("start", "is_below"), [(0, False), (TEXT.rindex("Five"), True), (TEXT.rindex("five"), True)])
def test_the_browser_goes_to_the_quote_and_not_to_the_same_word_before_it(
    open_page: OpenPage, original: str, start: int, is_below: bool
) -> None:
    address = quote_address(original, text_fragment(TEXT, start, start + 4)) or ""
    page = open_page(original, path=address.removeprefix(original))
    if is_below:
        page.wait_for_function("scrollY > 1000")
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY > 1000") is is_below
