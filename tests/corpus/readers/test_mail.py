"""Mails with files and mails in them, mails that were passed on, and mailboxes."""

from email.message import EmailMessage

import pytest
from reading import one, read, why
from sample_files import docx_of, docx_paragraph

from corpus.article import Article

RELEASE = (
    "The harbour trust of Skara will lift mooring fees by a third from April, since dredging cost it 212,000 crowns.",
    "Boats under six metres pay what they paid, said the trust's chairman, Nils Ahl, and the guest quay stays free.",
)
OFFICE = "Harbour Trust Press Office"
NOTE = "Dear editors, our statement on the fees hangs on this mail. It may be used from noon today, Tuesday."
SENT = "Tue, 08 Mar 2022 06:15:00 +0100"
DAY = "2022-03-08T06:15:00+01:00"


def mail(
    text: str, *, subject: str = "Fees at the harbour", sender: str = f"{OFFICE} <p@trust.example>"
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "desk@courier.example"
    message["Subject"] = subject
    message["Date"] = SENT
    message["Message-ID"] = f"<{abs(hash(subject + text))}@trust.example>"
    message.set_content(text)
    return message


def release() -> EmailMessage:
    message = mail(NOTE)
    word = docx_of("".join(map(docx_paragraph, ("Mooring fees in Skara rise by a third", *RELEASE))))
    kind = "vnd.openxmlformats-officedocument.wordprocessingml.document"
    message.add_attachment(word, "application", kind, filename="Statement.docx")
    older = f"Published: 1 March 2022\nSource: Skara Courier\n\n{RELEASE[1]}".encode()
    message.add_attachment(older, "text", "plain", filename="older.txt")
    message.add_attachment(b"\x89PNG" + bytes(30), "image", "png", filename="quay.png")
    return message


def by_path(articles: list[Article]) -> dict[str | None, Article]:
    return {article.path: article for article in articles}


def test_the_files_that_hang_on_a_mail_are_articles_of_their_own() -> None:
    articles, errors = read(release().as_bytes(), "release.eml")
    found = by_path(articles)
    assert errors == []
    assert list(found) == [None, "#Statement.docx", "#older.txt"]
    assert found[None].text == NOTE
    statement, older = found["#Statement.docx"], found["#older.txt"]
    assert (statement.title, statement.text) == ("Mooring fees in Skara rise by a third", "\n\n".join(RELEASE))
    assert (statement.source, statement.published) == (OFFICE, DAY)
    assert (older.source, older.published) == ("Skara Courier", "2022-03-01")  # what it says itself stays


def test_files_that_are_not_read_are_named_and_pictures_are_not() -> None:
    message = mail(NOTE)
    message.add_attachment(b"\xd0\xcf\x11\xe0" + bytes(600), "application", "msword", filename="Statement.doc")
    message.add_attachment(b"\x89PNG" + bytes(30), "image", "png", filename="quay.png")
    articles, errors = read(message.as_bytes(), "release.eml")
    assert [article.text for article in articles] == [NOTE]
    assert len(errors) == 1
    assert errors[0].startswith("release.eml/Statement.doc: ")


def test_a_mail_within_a_mail_keeps_its_sender_and_day_and_the_note_above_is_no_article() -> None:
    outer = mail("see below", subject="FW: worth a look", sender="Eva Lund <eva@courier.example>")
    outer.replace_header("Date", "Wed, 09 Mar 2022 10:00:00 +0100")
    outer.add_attachment(release())
    found = by_path(read(outer.as_bytes(), "fwd.eml")[0])
    assert list(found) == ["#1", "#1#Statement.docx", "#1#older.txt"]
    assert {(found[path].source, found[path].published) for path in ("#1", "#1#Statement.docx")} == {(OFFICE, DAY)}
    assert found["#1"].title == "Fees at the harbour"


SUBJECT = "Fees at the harbour"
OUTLOOK = f"From: {{0}}\nSent: Tuesday, March 8, 2022 6:15 AM\nTo: News desk\nCc: Eva Lund\nSubject: {SUBJECT}\n\n"
GERMAN = f"Von: {{0}}\nGesendet: Dienstag, 8. März 2022 06:15\nAn: Redaktion\nBetreff: {SUBJECT}\n\n"
GMAIL = (
    "---------- Forwarded message ---------\nFrom: {0} <p@trust.example>\nDate: Tue, Mar 8, 2022 at 6:15 AM\n"
    f"Subject: {SUBJECT}\nTo: <d@c.example>\n\n\n"
)
APPLE = (
    "Begin forwarded message:\n\n> From: {0} <p@trust.example>\n"
    f"> Subject: {SUBJECT}\n> Date: 8 March 2022 at 06:15:00 CET\n> To: d@c.example\n>\n"
)


@pytest.mark.parametrize(
    ("head", "day"),
    [(OUTLOOK, "2022-03-08"), (GERMAN, None), (GMAIL, "2022-03-08"), (APPLE, "2022-03-08T06:15:00+01:00")],
)
def test_a_mail_passed_on_in_the_text_has_the_first_senders_name_and_day(head: str, day: str | None) -> None:
    text = "Worth a line?\n\nEva\n\n" + head.format(OFFICE) + "\n\n".join(RELEASE) + "\n"
    article = one(mail(text, subject="FW: Fees at the harbour", sender="Eva Lund <e@c.example>").as_bytes(), "a.eml")
    assert (article.source, article.author, article.title) == (
        OFFICE,
        None,
        "Fees at the harbour",
    )
    assert article.text == "\n\n".join(RELEASE)
    assert article.published == day


def test_of_a_mail_passed_on_twice_the_first_sender_counts() -> None:
    inner = OUTLOOK.format(OFFICE) + "\n\n".join(RELEASE)
    text = "fyi\n\n" + OUTLOOK.format("Nils Ahl") + "as promised\n\n" + inner
    article = one(mail(text, subject="Fwd: FW: Fees at the harbour").as_bytes(), "a.eml")
    assert (article.source, article.text) == (OFFICE, "\n\n".join(RELEASE))


def test_an_answer_is_its_own_words_and_not_those_it_answers() -> None:
    answer = "The fees were agreed with the boat owners in the autumn, and nobody objected, the trust's clerk writes."
    text = f"{answer}\n\nAnna Dal\n\n" + OUTLOOK.format("Eva Lund") + "Did anybody object to the new fees?\n"
    article = one(
        mail(text, subject="RE: Fees at the harbour", sender="Anna Dal <a@trust.example>").as_bytes(), "a.eml"
    )
    assert article.text == answer
    assert (article.author, article.published) == ("Anna Dal", DAY)


def test_a_longer_note_above_a_mail_passed_on_is_an_article_too() -> None:
    text = f"{NOTE}\n\n" + OUTLOOK.format(OFFICE) + "\n\n".join(RELEASE)
    found = by_path(read(mail(text, subject="FW: Fees", sender="Eva Lund <e@c.example>").as_bytes(), "a.eml")[0])
    assert [(path, article.author) for path, article in found.items()] == [(None, None), ("#note", "Eva Lund")]
    assert found["#note"].text == NOTE


def box(*mails: EmailMessage) -> bytes:
    return b"".join(
        b"From MAILER-DAEMON Tue Mar  8 06:15:00 2022\n" + each.as_bytes().replace(b"\nFrom ", b"\n>From ") + b"\n"
        for each in mails
    )


@pytest.mark.parametrize("name", ["alerts.mbox", "alerts.txt", "Inbox", "alerts.eml"])
def test_a_mailbox_gives_each_mail_whatever_its_name(name: str) -> None:
    first = mail(f"{RELEASE[0]}\n\nFrom May on the price of diesel goes up as well.\n")
    articles, errors = read(box(first, release(), mail(RELEASE[1], subject="Guest quay")), name)
    assert errors == []
    assert [article.title for article in articles] == [
        "Fees at the harbour", "Fees at the harbour", "Mooring fees in Skara rise by a third", None, "Guest quay",
    ]  # fmt: skip
    assert articles[0].text == f"{RELEASE[0]}\n\nFrom May on the price of diesel goes up as well."
    assert len({article.path for article in articles}) == 5
    assert read(box(first, release()), name)[0][0].path == articles[0].path  # by the mail's own id


def test_a_mailbox_without_a_mail_says_so() -> None:
    assert "there is no mail in it" in why(b"\n\n", "empty.mbox") or "empty" in why(b"\n\n", "empty.mbox")
