"""Cleaning: what is not the article goes, and every word of the article stays."""

import unicodedata

import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning.boilerplate import is_boilerplate
from corpus.cleaning.clean import clean, clean_line

BOILERPLATE = [
    "Back to front page",
    "Contact the reporter at jane.doe@gazette.example",
    "Get full access for £1 a week. Cancel anytime.",
    "Subscribe to keep reading",
    "Start your 30-day free trial to continue reading this article. Already a subscriber? Log in",
    "You have reached your limit of free articles this month.",
    "This article is reserved for our subscribers.",
    "Unlimited digital access from $4 a month, then $12 a month".replace("Unlimited", "Get unlimited"),
    "Choose your plan",
    "To continue reading this story, please subscribe or sign in.",
    "Create a free account to read more",
    "Subscribe to read the full story. Already a subscriber? Log in.",
    "COMMENTS",
    "Comments (12)",
    "3 comments",
    "Leave a comment",
    "Replying to X",
    "Replying to @jane_doe",
    "Comments are moderated and generally will be posted if they are on-topic and not abusive.",
    "For more information, please see our Comments FAQ",
    "Note: We are temporarily moderating all comments to keep spam out.",
    "Your email address will not be published. Required fields are marked *",
    "Log in to leave a comment",
    "Share this:",
    "Share this article",
    "Click to share on Twitter (Opens in new window)",
    "Facebook Twitter WhatsApp Email",
    "Facebook | Twitter | LinkedIn",
    "Copy link",
    "Follow us on Facebook and Twitter",
    "Follow The Gazette on Twitter, Facebook and Instagram for the latest news.",
    "Join our WhatsApp channel",
    "Sign up for our newsletter",
    "Sign up for our free daily newsletter and never miss a story",
    "Subscribe to our YouTube channel",
    "Get the latest news delivered to your inbox",
    "We use cookies to improve your experience on our website.",
    "Accept all cookies",
    "© 2023 The Daily Gazette. All rights reserved.",
    "Copyright 2023 The Daily Gazette",
    "Advertisement",
    "ADVERTISEMENT",
    "[Advertisement]",
    "Advertisement - Continue reading below",
    "Story continues below advertisement",
    "Sponsored content",
    "Read more: Minister visits the flooded valley",
    "View this email in your browser (https://example.com/x?y=1)",
    "Unsubscribe | Manage preferences",
    "Lesen Sie auch: Minister im Tal",
    "Mehr zum Thema",
    "Lire aussi : le ministre dans la vallée",
    "Lea también",
    "Subscribe to read on for just $1 a week.",
    "4 min read",
    "To continue reading, please subscribe or log in.",
    "Become a member to read the rest",
    "You have 2 free articles left this month.",
    "Then £59 per month. Complete digital access on any device. Cancel anytime during your trial.",
    "Support our journalism from as little as £1",
    "Got a tip? Contact our newsroom at tips@gazette.example",
    "This article was originally published on The Prism. Read the original article.",
    "Share on Facebook Share on Twitter",
    "More on this story",
    "Related story: Minister visits the flooded valley",
    "WATCH: Minister visits the flooded valley",
    "REUTERS/Jane Doe/File Photo",
    "Jane Doe/AP",
    "Reject all",
    "jane.doe@gazette.example",
    "Our Standards: The Thomson Reuters Trust Principles.",
    "FOR IMMEDIATE RELEASE",
    "READ MORE",
    "Also read: Minister visits the flooded valley",
    "Also Read | Minister visits the flooded valley",
    "READ ALSO: Minister visits the flooded valley",
    "Related: Minister visits the flooded valley",
    "Related stories",
    "Most read",
    "You may also like",
    "Tags: politics, floods",
    "REPRESENTATIONAL IMAGE",
    "Representational image.",
    "File photo",
    "(Photo: Jane Doe/The Gazette)",
    "(Photo by Jane Doe/Getty Images)",
    "Photo: Reuters",
    "Image credit: Jane Doe",
    "Jane Doe/Getty Images",
    "FILE PHOTO: The minister speaks in parliament on March 1, 2023. REUTERS/Jane Doe",
    "3 min read",
    "Skip to main content",
    "* * *",
    "----------",
]
WORDS = [
    "Subscribe to the view that one week is enough, he said.",
    "Lesen Sie das Urteil, bevor Sie urteilen, sagte sie.",
    "Get all the boats out of the harbour, the keeper shouted, or lose access to them.",
    "The museum is open to members only on Mondays, and free for all others.",
    "Subscribers to the paper pay £1 a week and can cancel at any time, the publisher said.",
    "£1 a week",
    "Already a member of the board, she was elected chair.",
    "Comments by the minister drew anger in parliament.",
    "The comments were made in Geneva on Monday.",
    "Replying to a question, the minister said that talks would go on.",
    "Comments are moderated by volunteers, the site's owner told the court.",
    "Share prices fell by two per cent.",
    "Shares in the company fell.",
    "Facebook and Twitter said that they would appeal.",
    "Follow the money, the prosecutor told the jury.",
    "The newsletter reached 20,000 readers.",
    "Sign up for the army, he told them, and see the world.",
    "Cookies were served at the reception.",
    "“We use cookies to track visitors,” the company admitted.",
    "The regulator said that sites which use cookies must ask first.",
    "Advertisement spending fell in March, the ministry said.",
    "Sponsored by three senators, the bill passed on Tuesday.",
    "Read the letter aloud, the judge told him.",
    "Reading: a city in the south of England.",
    "Photo identification will be required at polling stations.",
    "The image was published by the ministry.",
    "Photo: the court accepted it as evidence of the meeting between the two men on Sunday.",
    "Most of the readers agreed.",
    "Print media lost a tenth of their readers.",
    "(c) the right to appeal, under article 6.",
    "Image rights were sold for two million.",
    "See the annex to the treaty, which lists all prisons.",
    "Subscribers to the service fell by half.",
    "Back to the front page of history went the old quarrel over the levee.",
    "Contact the author of the report and you will hear another story.",
    "Watch makers in Geneva reported record sales.",
    "Related charges were dropped.",
    "1 of 5 children is hungry.",
    "Support for independence fell.",
    "Email your entries to pond@gazette.example by 4 May.",
    "Register your boat by Friday, the harbour office said.",
    "No.",
    "X is for the unknown.",
    "Q: And what did he say?",
]


@pytest.mark.parametrize("line", BOILERPLATE)
def test_a_line_of_boilerplate_goes(line: str) -> None:
    assert clean(f"The court met.\n\n{line}\n\nIt adjourned.") == "The court met.\n\nIt adjourned."


@pytest.mark.parametrize("line", WORDS)
def test_a_line_of_the_article_stays(line: str) -> None:
    assert clean(line) == line
    assert not is_boilerplate(line)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("[vc_row][vc_column_text dp_text_size=”size-4″]LAHORE: Rain.[/vc_column_text][/vc_row]", "LAHORE: Rain."),
        ("policy[vc_row][vc_column]LAHORE: Rain fell.", "policy\n\nLAHORE: Rain fell."),
        ('Rain.[caption id="a" align="left"]<img src="x.jpg"/> A street[/caption] It stopped.', "Rain.\n\nIt stopped."),
        ("Rain fell.\n[embed]https://example.org/v[/embed]\nIt stopped.", "Rain fell.\n\nIt stopped."),
        ("Rain fell.\n[gallery ids=“1,2,3” columns=”2″]\nIt stopped.", "Rain fell.\n\nIt stopped."),
        ("<!-- wp:paragraph -->\n<p>Rain <em>fell</em>.</p>\n<!-- /wp:paragraph --><p>Sun.</p>", "Rain fell.\n\nSun."),
        ("[b]Rain[/b] fell in [url=https://example.org]Lahore[/url].", "Rain fell in Lahore."),
        ("[su_highlight]Rain[/su_highlight] fell.", "Rain fell."),
        ("Rain<br>fell<br/>hard", "Rain\n\nfell\n\nhard"),
        ("Smith &amp; Sons &mdash; &#8220;wet&#8221;&nbsp;again", "Smith & Sons — “wet” again"),
        ("Smith &amp;amp; Sons", "Smith & Sons"),
        ("a &lt;b&gt;bold&lt;/b&gt; word", "a bold word"),
        ("<script>var x = '<p>no</p>';</script>Rain fell.<style>p {}</style>", "Rain fell."),
        ("Ra\u200bin\ufeff fe\u00adll\u0007 to\u0000day\u202e.", "Rain fell today."),
        ("cafe\u0301", "café"),
        ("One.\r\nTwo.\rThree.\u2028Four.\u2029Five.", "One.\n\nTwo.\n\nThree.\n\nFour.\n\nFive."),
        ("\n\n\n One \t two\u00a0three \n\n\n\n", "One two three"),
        ("👩\u200d⚕️ and \u0645\u06cc\u200c\u062e\u0648", "👩\u200d⚕️ and \u0645\u06cc\u200c\u062e\u0648"),
    ],
)  # fmt: skip
def test_mark_up_goes_and_words_stay(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "“[The ministry] will act,” he said.",
        "He said they was [sic] late.",
        "“[T]he [i]dea is [a]bsurd,” [he] wrote [1].",
        "[Applause] The president left.",
        "The result [2-1] was fair [see table].",
        "If a < b and c > d, 5 <3 holds.",
        "AT&T, R&D and Q&A; 2 &3.",
        "The page ?a=1&copy=2 was blocked.",
        "<ministry> and <jane@example.org> wrote.",
        "He wrote x = [y z] and [k: v].",
        "The [/r/news] forum",
    ],
)
def test_brackets_and_signs_of_the_text_stay(text: str) -> None:
    assert clean(text) == text


def test_hard_wrapped_lines_become_paragraphs_again() -> None:
    words = (
        "The river rose above its banks on Monday night and the water reached the old market of the town by dawn. " * 3
    )
    paragraph = words.strip()
    lines: list[str] = [""]
    for word in paragraph.split():
        if len(lines[-1]) + 1 + len(word) > 72:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    wrapped = "\n".join(lines)
    assert clean(f"{wrapped}\n\n{wrapped}") == f"{paragraph}\n\n{paragraph}"


def test_paragraphs_that_are_set_in_and_not_parted_otherwise_stay_apart_when_lines_are_joined() -> None:
    wire = (
        "   KESSING (AW) -- The county will spend $4 million on pumps\nafter the flood in April.\n"
        "   The pumps are to run by October, when the rains begin, and\nwill replace machines that failed.\n"
        "   Two members voted against it and asked for a second bid\nfrom another maker.\n"
    )
    assert clean(wire).split("\n\n") == [
        "KESSING (AW) -- The county will spend $4 million on pumps after the flood in April.",
        "The pumps are to run by October, when the rains begin, and will replace machines that failed.",
        "Two members voted against it and asked for a second bid from another maker.",
    ]


def test_lines_that_are_paragraphs_stay_apart() -> None:
    text = "A title of the usual length\nBy Jane Doe\nThe river rose on Monday.\nThe water reached the market by dawn."
    assert clean(text) == text.replace("\n", "\n\n")


def test_a_title_keeps_its_words_on_one_line() -> None:
    assert clean_line("  <b>Rain</b> &amp;\n wind\u200b [sic] ") == "Rain & wind [sic]"
    assert clean_line("Share this") == "Share this"


@given(st.text() | st.text(alphabet="[]<>/&;#ab c=\"'\n-_!.:é\u0301\u200b\u200d", max_size=60))
def test_cleaning_again_changes_nothing_and_leaves_no_control_characters(raw: str) -> None:
    cleaned = clean(raw)
    assert clean(cleaned) == cleaned
    assert cleaned == unicodedata.normalize("NFC", cleaned)
    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]
    assert all(p and p == p.strip() and "\n" not in p for p in cleaned.split("\n\n")) or cleaned == ""
    cleaned.encode("utf-8")


PIECES = "[vc_row] [/b] [b] [caption <p> <!-- --> &amp; lt; &#91; COMMENTS words <script> </script> ]".split()


@given(st.lists(st.sampled_from([*PIECES, " ", "\n", "\n\n", "\u200b", "Share this"]), max_size=30).map("".join))
def test_cleaning_pieces_of_mark_up_again_changes_nothing(raw: str) -> None:
    assert clean(clean(raw)) == clean(raw)


HOSTILE = [
    "[",
    "<",
    "(",
    " ",
    "\n",
    "&",
    "&amp;",
    "[a",
    "[a b=",
    "<a ",
    "<!--",
    "<script>",
    "[caption]",
    "\u0315\u0300",
    "\u200d",
]


@pytest.mark.parametrize("piece", [*HOSTILE, "a\n", "Read: ", "word "])
@pytest.mark.long
def test_hostile_text_takes_linear_time(piece: str) -> None:
    def cleaned(characters: int) -> object:
        return clean(f"Words.\n\n{(piece * characters)[:characters]}\n\nWords.")

    assert growth(cleaned, small=20_000, times=16) < 16**1.5
