"""Training a tiny reader on sentences made here: examples, labels, resuming, and that it learns."""

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import torch
from tiny_models import Tiny, save_tiny
from tokenizers import Tokenizer

from corpus.errors import ModelError, ReadError
from qa.reader.network import ReaderNetwork, load_weights, merge, save_weights
from qa.reader.protocol import ReadPassage
from qa.train.__main__ import main
from qa.train.data import HELD_OUT, Example, NewsArticle, NewsQuestion, held_out, read_news, read_rows
from qa.train.examples import (
    Encoded,
    batch,
    batches,
    changed_figure,
    changed_name,
    encode,
    news_examples,
    older_examples,
    rank_passages,
)
from qa.train.fit import Schedule, fit, scores

FERRY = (
    "The ferry Aldona sank off Marbeck on Tuesday with 34 people aboard, the harbour office said that evening. Paul "
    "Reyes, her captain, was the last to leave the ship, and he told a court in May that the ramp had not been shut "
    "before she left the quay, since nobody had been told to look after it that day. He had asked for a second mate, "
    "whom the line had not wanted to pay, and for new lights, which lay in a box on the quay when the ship went down."
    "\n\n"
    "Anna Berg, who owns the line, said that a new ship would come from Oslo before the summer, and that the fares "
    "would stay as they are. The line has carried people across the sound for ninety years. Berg paid for the court's "
    "costs, the town's paper wrote, and for a stone on the quay with the names of those who were lost that night, so "
    "that nobody would forget them."
    "\n\n"
    "The town voted in June to close the old quay. Tom Hay, the mayor, wants a bridge instead, which would cost 12 "
    "million crowns and take four years to build, and which three of the five parties in the council are against, as "
    "they said in a long meeting on Friday in the hall of the old school beside the church of Saint Olaf in Marbeck."
)
OTHER = (
    "Tom Reyes sold the ferry Aldona to a line in Lima, which the harbour office of Marbeck said was a pity for all."
)


def article(text: str = FERRY, identity: str = "ferry") -> NewsArticle:
    return NewsArticle(identity, text, "Ferry sinks off Marbeck", "Marbeck Star", "2023-03-07")


def question(asked: str, *answers: str, of: NewsArticle | None = None, several: bool = False) -> NewsQuestion:
    where = of or article()
    spans = tuple((where.text.index(answer), where.text.index(answer) + len(answer)) for answer in answers)
    return NewsQuestion(asked, where, spans, answers, several)


def examples_of(*questions: NewsQuestion, seed: int = 1) -> list[Example]:
    rank_passages(questions)
    return list(news_examples(questions, random.Random(seed)))


def write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def row(asked: str, context: str, *answers: str) -> dict[str, object]:
    marks = [{"text": answer, "start": context.index(answer)} for answer in answers]
    return {"id": asked, "question": asked, "context": context, "answers": marks, "source": "made"}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny products on many threads wait for each other for minutes where other work runs."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), Tiny(positions=400))


@pytest.fixture(scope="module")
def tokenizer(base: Path) -> Tokenizer:
    return Tokenizer.from_file(str(base / "tokenizer.json"))


def test_a_question_has_the_passage_that_answers_and_others_that_look_like_it() -> None:
    other = question("Who sold the ferry?", "Tom Reyes", of=article(OTHER, "sold"))
    made = [e for e in examples_of(question("Who was the captain of the Aldona?", "Paul Reyes"), other) if e.news]
    answered = [e for e in made if e.question.casefold() == "who was the captain of the aldona?" and e.spans]
    assert [e.passage.text[slice(*e.spans[0])] for e in answered] == ["Paul Reyes"]
    rivals = {e.passage.text for e in made if not e.spans and e.question.casefold().startswith("who was")}
    assert OTHER in rivals  # of another article
    assert any(text in FERRY for text in rivals)  # of the same one


def test_a_question_without_an_answer_is_put_to_the_passages_that_share_its_words() -> None:
    made = examples_of(question("What did the new ferry of Anna Berg cost?"))
    assert made
    assert all(e.spans == () for e in made)


def test_a_passage_knows_its_heading_and_what_stands_before_it() -> None:
    first, second, *_ = article().passages
    assert (first.title, first.source, first.before) == ("Ferry sinks off Marbeck", "Marbeck Star", "")
    assert FERRY[: second.start].rstrip().endswith(second.before)
    assert second.before


def test_headings_are_left_out_now_and_then() -> None:
    seen = [
        e.passage for seed in range(60) for e in examples_of(question("Who owns the line?", "Anna Berg"), seed=seed)
    ]
    assert {bool(p.title) for p in seen} == {bool(p.source) for p in seen} == {True, False}


def test_one_digit_changed_asks_of_something_else() -> None:
    for seed in range(20):
        asked = changed_figure("What befell flight MH370 in 2014?", random.Random(seed))
        assert asked is not None
        different = [(a, b) for a, b in zip(asked, "What befell flight MH370 in 2014?", strict=True) if a != b]
        assert len(different) == 1
        assert different[0][0].isdigit()
    assert changed_figure("Who sank?", random.Random(1)) is None


def test_a_name_is_changed_for_another_of_the_article() -> None:
    asked = {changed_name("What did Paul Reyes tell the court?", article(), random.Random(n)) for n in range(30)}
    assert "What did Anna Berg tell the court?" in asked or "What did Tom Hay tell the court?" in asked
    assert changed_name("What did the captain say?", article(), random.Random(1)) is None


def test_a_long_text_of_an_older_set_is_cut_around_its_answer(tmp_path: Path) -> None:
    path = tmp_path / "squad11_train44.jsonl.gz"
    write(path, [row("Who wants a bridge?", FERRY * 3, "Tom Hay")])
    for seed in range(10):
        [one] = older_examples({"squad11_train44": read_rows(path)}, random.Random(seed))
        assert len(one.passage.text) <= 900
        assert one.passage.text[slice(*one.spans[0])] == "Tom Hay"


def test_labels_stand_at_the_word_pieces_of_the_answer(tokenizer: Tokenizer) -> None:
    passage = ReadPassage("the minister led talks in Paris", "delegations", "", "", "on Monday")
    [one] = encode([Example("Who led talks?", passage, ((4, 12),), several=False, news=True)], tokenizer)
    packed = batch([one])
    assert packed.allowed[0].nonzero().flatten().tolist() == [0, *range(one.first, len(one.ids) - 1)]
    assert tokenizer.decode([int(packed.input_ids[0, int(packed.starts[0].argmax())])]).strip() == "minister"
    assert int(packed.inside.sum()) == 1
    assert packed.answered.tolist() == [1.0]


def test_of_one_answer_in_several_places_the_first_counts_double_and_the_rest_is_not_tagged(
    tokenizer: Tokenizer,
) -> None:
    passage = ReadPassage("the minister led talks in Paris and the minister was in Paris")
    spans = ((26, 31), (56, 61))
    one, several = (
        batch(list(encode([Example("in Paris?", passage, spans, several=s, news=True)], tokenizer)))
        for s in (False, True)
    )
    assert sorted(one.starts[one.starts > 0].tolist()) == pytest.approx([1 / 3, 2 / 3])
    assert sorted(several.starts[several.starts > 0].tolist()) == [0.5, 0.5]
    assert int(one.inside.sum()) == 1
    assert int(several.inside.sum()) == 2
    assert int(several.inside_known.sum() - one.inside_known.sum()) == 1


def test_a_span_outside_its_passage_is_refused() -> None:
    with pytest.raises(ValueError, match="outside its passage"):
        Example("Who?", ReadPassage("short"), ((2, 9),), several=False, news=False)


def test_batches_hold_all_examples_once_and_never_news_beside_older_sets(tokenizer: Tokenizer) -> None:
    texts = [" ".join(["talks"] * (1 + n % 7)) for n in range(40)]
    made = list(
        encode(
            [Example("Who?", ReadPassage(t), (), several=False, news=n % 3 > 0) for n, t in enumerate(texts)], tokenizer
        )
    )
    found = list(batches(made, pieces=40, random_=random.Random(3)))
    assert sum(len(one.answered) for one in found) == 40
    assert sum(one.pieces for one in found) == sum(len(one.ids) for one in made)


def made_rows(tokenizer: Tokenizer) -> list[Encoded]:
    """Return passages in which the minister, or nobody, led the talks."""
    told = [
        ReadPassage(f"{lead} the minister led talks in Paris") for lead in ("", "on Monday", "was not in Paris and")
    ]
    silent = [ReadPassage(f"{lead} talks were in Paris on Monday") for lead in ("", "the", "delegations and")]
    return list(
        encode(
            [
                *(
                    Example("Who led?", p, ((p.text.index("minister"), p.text.index("minister") + 8),), False, True)
                    for p in told
                ),
                *(Example("Who led?", p, (), False, False) for p in silent),
            ],
            tokenizer,
        )
    )


def test_it_learns_where_the_answer_stands_and_that_there_is_none(
    base: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    rows = made_rows(tokenizer)
    schedule = Schedule(7_000, part=120, parts=1, rate=3e-3, frozen=0, averaged=0.9, warm_up=5)
    network = fit(ReaderNetwork(base), lambda _: rows, schedule, folder=tmp_path, seed=1)
    everything = batch(rows)
    start, end, inside, holds, _ = scores(network, everything)
    answered = everything.answered > 0
    assert (start.argmax(1) == everything.starts.argmax(1))[answered].all()
    assert (end.argmax(1) == everything.ends.argmax(1))[answered].all()
    assert ((holds > 0) == answered).all()
    assert ((inside > 0) & everything.inside_known.bool()).sum() == everything.inside.sum()


def test_a_run_goes_on_from_its_checkpoint(base: Path, tokenizer: Tokenizer, tmp_path: Path) -> None:
    rows = made_rows(tokenizer)
    short, long = (Schedule(pieces, part=120, parts=1, frozen=0) for pieces in (600, 1_200))
    fit(ReaderNetwork(base), lambda _: rows, short, folder=tmp_path, seed=1)
    first = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["progress"]
    fit(ReaderNetwork(base), lambda _: rows, long, folder=tmp_path, seed=1)
    second = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["progress"]
    assert 600 <= first["pieces"] < 1_200 <= second["pieces"]
    assert second["steps"] < 2 * first["steps"] + 2  # it did not begin again


def test_frozen_layers_stay_as_they_are(base: Path, tokenizer: Tokenizer, tmp_path: Path) -> None:
    before = {name: p.clone() for name, p in ReaderNetwork(base).named_parameters() if ".layer.0." in name}
    schedule = Schedule(600, part=120, parts=1, rate=1e-2, frozen=1)
    network = fit(ReaderNetwork(base), lambda _: made_rows(tokenizer), schedule, folder=tmp_path, seed=1)
    after = dict(network.named_parameters())
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_weights_are_read_back_and_others_are_refused(base: Path, tmp_path: Path) -> None:
    torch.manual_seed(2)
    one, other = ReaderNetwork(base), ReaderNetwork(base)
    save_weights(one, tmp_path / "reader.safetensors", about={"made": "here"})
    load_weights(other, tmp_path / "reader.safetensors")
    assert torch.allclose(one.several.weight, other.several.weight, atol=1e-3)
    wide = save_tiny(tmp_path / "wide", Tiny(positions=400, dense=True))
    from safetensors.torch import save_file

    save_file({"span.weight": torch.zeros(2, 2)}, tmp_path / "odd.safetensors")
    with pytest.raises(ModelError, match="another network"):
        load_weights(ReaderNetwork(wide), tmp_path / "odd.safetensors")


def test_the_command_trains_on_files_and_keeps_articles_for_the_calibration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: Path
) -> None:
    texts = {f"a{n}": FERRY.replace("Marbeck", f"Marbeck{n}") for n in range(HELD_OUT + 3)}
    write(
        tmp_path / "corpora" / "made.jsonl.gz",
        [
            {"id": key, "text": text, "title": "Ferry", "url": "https://www.star.example/x"}
            for key, text in texts.items()
        ],
    )
    asked = [
        {
            "id": key,
            "corpus": "made",
            "article": key,
            "question": "Who owns the line?",
            "kind": "who",
            "need": "any",
            "answers": [{"text": "Anna Berg", "start": text.index("Anna Berg"), "sentence": [0, 9]}],
        }
        for key, text in texts.items()
    ]
    write(tmp_path / "news_questions" / "train.jsonl.gz", asked)
    write(tmp_path / "train" / "squad11_train44.jsonl.gz", [row("Who led?", "the minister led talks", "minister")])
    read = read_news(tmp_path / "news_questions" / "train.jsonl.gz", tmp_path / "corpora")
    assert read[0].article.source == "star.example"
    assert len(held_out(read)) == HELD_OUT

    class Found:
        folder = base

    monkeypatch.setattr("qa.train.__main__.find_model", lambda *_, **__: Found)
    out = tmp_path / "out"
    assert main(["--data", str(tmp_path), "--out", str(out), "--pieces", "900", "--threads", "1"]) == 0
    load_weights(ReaderNetwork(base), out / "reader.safetensors")


def test_what_is_no_set_of_questions_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "news_questions").mkdir()
    (tmp_path / "news_questions" / "train.jsonl.gz").write_bytes(b"no gzip")
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("qa.train: ")
    write(tmp_path / "rows.jsonl.gz", [row("Who?", "the minister", "minister") | {"context": "other words here"}])
    with pytest.raises(ReadError, match="offset"):
        read_rows(tmp_path / "rows.jsonl.gz")


def test_at_low_rank_the_layers_stay_and_what_was_learned_can_be_put_into_them(
    base: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    learned = [question("Who was the captain of the Aldona?", "Paul Reyes")]
    encoded = list(encode(examples_of(*learned), tokenizer))
    network = ReaderNetwork(base, rank=4)
    before = {name: p.clone() for name, p in network.named_parameters() if not p.requires_grad}
    fit(network, lambda _: encoded, Schedule(8_000, rate=1e-2, warm_up=1, frozen=0), folder=tmp_path, seed=1)
    after = dict(network.named_parameters())
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert (tmp_path / "reader.safetensors").stat().st_size < 60_000
    again = ReaderNetwork(base, rank=4).eval()
    load_weights(again, tmp_path / "reader.safetensors")
    one = batch(encoded[:1])
    given = one.input_ids, one.attention_mask, one.token_type_ids
    with torch.inference_mode():
        apart = again(*given)
        assert not torch.allclose(apart[0], ReaderNetwork(base, rank=4).eval()(*given)[0], atol=0.1)
        merge(again)
        assert not any("down" in name for name, _ in again.named_parameters())
        for ours, theirs in zip(again(*given), apart, strict=True):
            assert torch.allclose(ours, theirs, atol=1e-4)
