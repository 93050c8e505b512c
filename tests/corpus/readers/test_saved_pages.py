"""Pages that a browser saved as one file: read as the page is, with no day of the saving."""

from email.message import EmailMessage
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from reading import one, why

URL = "https://lantern.example/2019/11/market"
WORDS = (
    "The old market of Norby stood under a metre of water on Monday, and its forty stalls will not open before spring.",
    "The council's engineer, Pia Sand, said that the pump had been ordered in March and was still in its crate.",
)


def page(*, dated: bool = True) -> str:
    day = '"datePublished":"2019-11-18T07:31:00Z",' if dated else ""
    return (
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Market under water | The Lantern</title>"
        "<meta property='og:site_name' content='The Lantern'><script type='application/ld+json'>"
        f'{{"@type":"NewsArticle",{day}"headline":"Market under water","author":{{"name":"Eva Lund"}}}}</script></head>'
        "<body><nav><a href='/'>Home</a> <a href='/s'>Sport</a></nav><article><h1>Market under water</h1>"
        f"<p>{WORDS[0]}</p><p>{WORDS[1]}</p></article>"
        "<aside><h3>Most read</h3><ol><li><a href='/x'>Mayor of Skara sells 12 swans</a></li></ol></aside>"
        "<section id='comments'><h3>1 comment</h3><div class='comment'><p>My cousin saw the crate.</p></div></section>"
        "</body></html>"
    )


def saved(html: str, *, sender: str = "<Saved by Blink>", location: str = URL, encoding: str = "utf-8") -> bytes:
    """Return a page with a picture as Chrome saves it, on a day that has nothing to do with the article."""
    whole = MIMEMultipart("related", type="text/html")
    whole["From"] = sender
    if sender:
        whole["Snapshot-Content-Location"] = location
    whole["Subject"] = "Market under water | The Lantern"
    whole["Date"] = "Sat, 7 Jan 2023 12:00:00 -0000"
    frame = MIMEText(
        "<html><body><p>Buy three lamps for the price of two, today only, at Lamp City.</p></body></html>", "html"
    )
    frame["Content-Location"] = "https://ads.example/frame"
    part = MIMEText(html, "html", encoding)
    part["Content-Location"] = location
    part["Content-ID"] = "<main@mhtml>"
    whole.set_param("start", "<main@mhtml>")
    for each in (frame, part, MIMEImage(b"GIF89a" + bytes(20), "gif")):
        whole.attach(each)
    return whole.as_bytes()


@pytest.mark.parametrize("name", ["page.mhtml", "page.mht", "page", "page.txt", "page.html"])
@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_a_saved_page_is_read_as_the_page_is(name: str, encoding: str) -> None:
    alive = one(page(), "page.html")
    article = one(saved(page().replace("charset='utf-8'", f"charset='{encoding}'"), encoding=encoding), name)
    assert article.text == alive.text == "\n\n".join(WORDS)
    assert (article.title, article.author, article.source) == ("Market under water", "Eva Lund", "The Lantern")
    assert (article.published, article.url) == ("2019-11-18T07:31:00+00:00", URL)


def test_the_day_of_saving_is_no_day_of_publication() -> None:
    assert one(saved(page(dated=False)), "page.mhtml").published is None


def test_a_page_saved_by_a_program_that_names_no_sender_is_told_from_a_mail() -> None:
    article = one(saved(page(), sender=""), "page")
    assert (article.source, article.url) == ("The Lantern", URL)


def test_a_mail_with_pictures_in_its_page_stays_a_mail() -> None:
    mail = EmailMessage()
    mail["From"] = "Norby Courier <news@courier.example>"
    mail["To"] = "reader@home.example"
    mail["Subject"] = "Market under water"
    mail["Date"] = "Mon, 18 Nov 2019 07:31:00 +0000"
    mail["Message-ID"] = "<1@courier.example>"
    mail.set_content(f"<html><body><p>{WORDS[0]}</p><p>{WORDS[1]}</p></body></html>", subtype="html")
    mail.add_related(b"GIF89a" + bytes(20), "image", "gif", cid="<p>")
    article = one(mail.as_bytes(), "mail.eml")
    assert (article.source, article.published) == ("Norby Courier", "2019-11-18T07:31:00+00:00")


def test_a_saved_page_without_a_page_says_so() -> None:
    whole = MIMEMultipart("related")
    whole["Snapshot-Content-Location"] = URL
    whole["Subject"] = "Nothing"
    whole.attach(MIMEText("only words", "plain"))
    assert "no page was found in it" in why(whole.as_bytes(), "page.mhtml")
