import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import ReadError
from qa.evaluation.gold_questions import Evidence, GoldQuestion, paragraph_articles, read_gold

GOOD = {"id": "q1", "question": "Who led?", "answers": ["Ann Smith", "Smith"]}


def _file(folder: Path, *rows: object, name: str = "gold.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def _squad(**changes: object) -> dict[str, Any]:
    qa = {"id": "s1", "question": "Where?", "answers": [{"text": "Oslo", "answer_start": 7}], **changes}
    return {
        "version": "v2.0",
        "data": [{"title": "Far_North", "paragraphs": [{"context": "It is 🙂Oslo.", "qas": [qa]}]}],
    }


def test_every_field_of_the_gold_format_is_read(tmp_path: Path) -> None:
    row = {
        "id": 7,
        "question": "And who else?",
        "turns": ["Who led?"],
        "answers": ["Ann", "Bob"],
        "need": "all",
        "kind": "follow-up",
        "evidence": [{"article": "talks.md", "quote": "Ann and Bob led"}],
        "note": "fields may be added",
    }
    gold = read_gold(_file(tmp_path, GOOD, "", row))
    assert gold.questions == (
        GoldQuestion("q1", "Who led?", ("Ann Smith", "Smith")),
        GoldQuestion(
            "7",
            "And who else?",
            ("Ann", "Bob"),
            "all",
            "follow-up",
            ("Who led?",),
            (Evidence("talks.md", "Ann and Bob led"),),
        ),
    )
    assert gold.paragraphs == ()


def test_a_question_without_answers_is_one_that_the_library_does_not_answer(tmp_path: Path) -> None:
    gold = read_gold(_file(tmp_path, {"id": "a", "question": "Why?"}, {"id": "b", "question": "Who?", "answers": []}))
    assert [q.answers for q in gold.questions] == [(), ()]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ('{"id": "x", "question": ', "is not JSON"),
        ("[1, 2]", "is not an object"),
        ({"id": "x", "answers": []}, '"id" or "question" is missing'),
        ({"id": "x", "question": "  "}, '"id" or "question" is missing'),
        ({"question": "Who?"}, '"id" or "question" is missing'),
        ({"id": "x", "question": "Who?", "answers": "Ann"}, '"answers" is not a list of texts'),
        ({"id": "x", "question": "Who?", "answers": [3]}, '"answers" is not a list of texts'),
        ({"id": "x", "question": "Who?", "answers": [""]}, '"answers" is not a list of texts'),
        ({"id": "x", "question": "Who?", "answer": ["Ann"]}, '"answer" is not known: write "answers"'),
        ({"id": "x", "question": "Who?", "turns": "Who led?"}, '"turns" is not a list of texts'),
        ({"id": "x", "question": "Who?", "need": "both"}, '"need" is "both"'),
        ({"id": "x", "question": "Who?", "need": "all"}, "there are no answers"),
        ({"id": "x", "question": "Who?", "evidence": ["here"]}, '"evidence" is not a list of texts'),
        ({"id": "x", "question": "Who?", "evidence": [{"article": "a.md"}]}, '"evidence" is not a list of texts'),
        ({"id": "q1", "question": "Who?"}, "is that of another line"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_the_first_wrong_line_is_named_and_nothing_is_read(tmp_path: Path, row: object, complaint: str) -> None:
    rows = [{**GOOD, "id": f"q{n}"} for n in range(1, 7)]
    path = _file(tmp_path, *rows, row, GOOD)
    with pytest.raises(ReadError) as caught:
        read_gold(path)
    assert caught.value.where == f"{path}, line 7"
    assert complaint in caught.value.why


def test_files_that_hold_no_questions_say_so(tmp_path: Path) -> None:
    binary = tmp_path / "photo.jsonl"
    binary.write_bytes(b'{"id": "a"}\n\xff\xd8\xff')
    broken = tmp_path / "broken.json.gz"
    broken.write_bytes(gzip.compress(b"x" * 1000)[:-20])
    complaints: list[tuple[Path, str]] = [
        (tmp_path / "none.jsonl", "No such file"),
        (tmp_path, "Is a directory"),
        (_file(tmp_path, "", " ", name="empty.jsonl"), "holds no question"),
        (_file(tmp_path, json.dumps([GOOD], indent=1), name="list.json"), "line 1: is not JSON"),
        (_file(tmp_path, "Who led the talks?", name="notes.txt"), "line 1: is not JSON"),
        (_file(tmp_path, {"data": []}, name="nothing.json"), "holds no question"),
        (binary, "can't decode byte 0xff"),
        (broken, "Compressed file ended"),
    ]
    for path, complaint in complaints:
        with pytest.raises(ReadError, match=complaint) as caught:
            read_gold(path)
        assert str(path) in str(caught.value)


def test_a_file_without_permission_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(_: Path) -> bytes:  # the superuser, as whom tests may run, is never denied
        raise PermissionError(13, "Permission denied")

    path = _file(tmp_path, GOOD)
    monkeypatch.setattr(Path, "read_bytes", deny)
    with pytest.raises(ReadError, match="Permission denied"):
        read_gold(path)


def test_squad_is_read_with_its_paragraph_as_evidence_and_offsets_in_code_points(tmp_path: Path) -> None:
    gold = read_gold(_file(tmp_path, json.dumps(_squad(), indent=2), name="squad.json"))
    (question,) = gold.questions
    (paragraph,) = gold.paragraphs
    assert (question.answers, question.kind, question.paragraph) == (("Oslo",), "answerable", paragraph)
    assert question.evidence == (Evidence(paragraph.name),)
    (article,) = paragraph_articles(gold.paragraphs)
    assert (article.text, article.title, article.path) == ("It is 🙂Oslo.", "Far North", paragraph.name)


def test_an_impossible_question_has_no_answer_and_no_evidence(tmp_path: Path) -> None:
    plausible = [{"text": "Oslo", "answer_start": 7}]
    content = _squad(answers=[], is_impossible=True, plausible_answers=plausible)
    (question,) = read_gold(_file(tmp_path, content)).questions
    assert (question.answers, question.kind, question.evidence) == ((), "unanswerable", ())


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"answers": [{"text": "Oslo", "answer_start": 6}]}, "'answer_start': 6} is no text that stands"),
        ({"answers": [{"text": "Oslo", "answer_start": -5}]}, "is no text that stands at its"),
        ({"answers": [{"text": "Oslo"}]}, 'stands at its "answer_start"'),
        ({"answers": None}, '"answers" is not a list'),
        ({"question": None}, '"id" or "question" is missing'),
    ],
)
def test_a_wrong_squad_file_names_the_place(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    path = _file(tmp_path, _squad(**changes))
    with pytest.raises(ReadError) as caught:
        read_gold(path)
    assert caught.value.where == f"{path}, question 's1'"
    assert complaint in caught.value.why


def test_reading_rows_share_a_paragraph(tmp_path: Path) -> None:
    row = {"id": "r", "question": "Where?", "context": "In Oslo.\n", "answers": [{"text": "Oslo", "start": 3}]}
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(r) for r in (row, {**row, "answers": []})).encode()))
    gold = read_gold(path)
    assert [(q.id, q.answers) for q in gold.questions] == [("r", ("Oslo",)), ("r", ())]
    assert [p.text for p in gold.paragraphs] == ["In Oslo.\n"]


def test_a_wrong_reading_row_names_its_line(tmp_path: Path) -> None:
    row = {"id": "r", "question": "Where?", "context": "In Oslo.", "answers": [{"text": "Oslo", "start": 3}]}
    with pytest.raises(ReadError, match='line 2: "context" is missing'):
        read_gold(_file(tmp_path, row, {"id": "s", "question": "Where?", "answers": []}))
    with pytest.raises(ReadError, match=r"line 2: the answer .* is no text that stands at its"):
        read_gold(_file(tmp_path, row, {**row, "answers": [{"text": "Oslo", "start": 0}]}))


def test_the_development_sets_are_read_whole() -> None:
    folder = os.environ.get("CITEWIRE_DATA")
    if not folder:
        pytest.skip("CITEWIRE_DATA is not set")
    gold = read_gold(Path(folder) / "dev" / "squad2_dev_articles.jsonl.gz")
    kinds = [question.kind for question in gold.questions]
    assert (len(kinds), kinds.count("unanswerable"), len(gold.paragraphs)) == (1088, 529, 110)
