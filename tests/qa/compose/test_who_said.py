"""Questions for the speaker of a quotation: the quoted words are found, and their own speaker is named or nobody."""

import pytest

from qa.compose.cite import cite
from qa.compose.drafts import Draft
from qa.compose.who_said import WhoSaid, find_quoted, quoted_words, who_said
from qa.retrieval import SingleText

FERRY = "\n\n".join(
    (
        "The ferry sank on Tuesday. “The pumps had not been looked at for a year,” said Tora Lunde, a welder. Jon Vik, "
        "the owner, laughed.",
        "“That is a lie,” he said. “We had them looked at in March.”",
        "Ada Holm, who kept the log, asked Lunde whether she had read it. Lunde nodded. “I have read it, and it says "
        "nothing,” she said.",
        "“You cannot blame the crew,” a diver who would not be named told the court. “They were asleep.” Lunde agreed "
        "with him.",
        "The minister called the inquiry “a waste of time”. The mayor, Eva Moe, said it was “a waste of money”.",
        "On the wall somebody had written “Remember the ferry”. The film is called “The Last Ferry”.",
    )
)


def asked(question: str, text: str = FERRY) -> WhoSaid | None:
    only = SingleText(text, "The ferry at Skarn")
    return who_said(question, only.hits(), only)


def speakers(question: str) -> list[str]:
    found = asked(question)
    assert found is not None
    return list(dict.fromkeys(place.text for place in found.speakers))


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("Who said “The pumps had not been looked at for a year”?", "Tora Lunde"),
        ('who said "the pumps had not been looked at for a year"', "Tora Lunde"),
        ('Who said "The pumps had not been looked at in a year"?', "Tora Lunde"),
        ('Whose words are "The pumps ... a year"?', "Tora Lunde"),
        ('Who said "We had them looked at in March"?', "Jon Vik"),
        ('Which owner said, "That is a lie"?', "Jon Vik"),
        ('"I have read it, and it says nothing" - who was that?', "Lunde"),
        ('Who said "They were asleep"?', "a diver"),
        ('Who called the inquiry "a waste of money"?', "Eva Moe"),
        ('Who is quoted as saying "They were asleep"?', "a diver"),
    ],
)
def test_the_speaker_of_the_quoted_words_is_named(question: str, speaker: str) -> None:
    assert speakers(question) == [speaker]


@pytest.mark.parametrize(
    "question",
    [
        'Who said "The pumps were painted blue and green"?',  # nobody
        'Who said "They were awake"?',
        'Who said "Remember the ferry"?',  # the text does not say who wrote it
    ],
)
def test_nobody_is_named_for_words_that_nobody_is_said_to_have_said(question: str) -> None:
    found = asked(question)
    assert found is not None
    assert found.speakers == ()


@pytest.mark.parametrize(
    "question",
    [
        "Who sank the ferry?",
        'Who directed "The Last Ferry"?',
        'Who was called "a liar"?',
        'Who did Vik call "a liar"?',
        'What did Tora Lunde say about "the pumps"?',
        'Who heard Tora Lunde say "The pumps had not been looked at for a year"?',
        "Who said the log was empty?",
        'Who said the "crew" of another ship was drunk?',
    ],
)
def test_other_questions_are_read_as_usual(question: str) -> None:
    assert asked(question) is None


def test_where_words_stand_without_a_speaker_is_told() -> None:
    found = asked('Who said "Remember the ferry"?')
    assert found is not None
    ((number, (start, end)),) = found.unnamed.items()
    assert SingleText(FERRY, None).hits()[number].text[start:end] == "Remember the ferry"


def test_a_citation_shows_the_name_together_with_the_quotation() -> None:
    only = SingleText(FERRY, None)
    found = who_said('Who said "We had them looked at in March"?', only.hits(), only)
    assert found is not None
    (answer,), (citation,) = cite(only, [Draft(found.speakers, group=1)])
    assert answer.text == citation.quote == FERRY[citation.start : citation.end] == "Jon Vik"
    assert citation.sentence.startswith("Jon Vik, the owner, laughed.")
    assert citation.sentence.endswith("“We had them looked at in March.”")
    assert citation.verified


def test_quoted_words_may_be_left_out_but_not_be_other_ones() -> None:
    quoted = quoted_words('Who said "the pumps had not ... for a year"?')
    assert quoted is not None
    (match,) = find_quoted(quoted, FERRY)
    assert FERRY[match.start : match.end] == "The pumps had not been looked at for a year"
    assert match.edits == 0
    few = quoted_words('Who said "a waste of luck"?')
    assert few is not None
    assert find_quoted(few, FERRY) == []
