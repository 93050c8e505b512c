"""Training a tiny reader on sentences made here: examples, resuming, weights, and that it learns."""

import gzip
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from tiny_models import Tiny, save_tiny
from tokenizers import Tokenizer
from tokenizers.models import WordLevel, WordPiece
from transformers import MPNetConfig, MPNetModel

from corpus.errors import ModelError, ReadError
from qa.reader.network import ReaderNetwork
from qa.reader.weights import load_weights, save_weights
from qa.train import average
from qa.train.__main__ import main
from qa.train.augment import cut, join, vary
from qa.train.batches import Packed, Rounds, ahead, batches, encode, pack
from qa.train.data import Example, read_rows
from qa.train.fit import Schedule, fit, scores, taught
from qa.train.negatives import found_by_words, misasked, without_answer, wrong_role

MARKS = {"[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<mask>"}
NAMES = "Berg Reyes Castile Adler Fitch Ostrow Gannon Rooke".split()
PLACES = "Oslo Lima Geneva Brackett Kessing Marbeck Tolliver Halyard".split()
PASSAGE = (
    "The talks opened on Monday in the old town hall. Anna Berg led the Norwegian side, which had come by train from "
    "the coast. Later that week Paul Reyes of the Chilean side said that a paper was near. Nobody signed it in 2019."
)


def example(question: str, answer: str, passage: str = PASSAGE) -> Example:
    start = passage.index(answer)
    return Example(question, passage, ((start, start + len(answer)),), "made")


def rows(number: int) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for n in range(number):
        name, place = NAMES[n % 8], PLACES[(n // 8) % 8]
        context = f"On Monday {name} led the talks in {place}. The hall was cold and the paper was long that day."
        made.append(
            {
                "id": str(n),
                "question": f"Who led the talks in {place}?",
                "context": context,
                "answers": [{"text": name, "start": context.index(name)}],
                "source": "made",
            }
        )
    return made


def write(path: Path, content: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in content)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), Tiny(positions=256))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write(tmp_path / "train" / "squad11_train44.jsonl.gz", rows(64))
    write(tmp_path / "dev" / "new_wiki.jsonl.gz", rows(8))
    return tmp_path / "train"


def test_cut_passages_keep_their_answers() -> None:
    long = example("Who led the Norwegian side?", "Anna Berg", " ".join([PASSAGE] * 8))
    for seed in range(60):
        part = cut(long, random.Random(seed))
        assert part.answers == ("Anna Berg",)
        assert len(part.passage) < len(long.passage)


def test_joined_passages_keep_their_answers() -> None:
    short = example("Who led the talks?", "Reyes", "Reyes led the talks.")
    joined = [join(short, PASSAGE.replace("Reyes", "Ruiz"), random.Random(seed)) for seed in range(30)]
    assert any(len(one.passage) > len(short.passage) for one in joined)
    assert {one.answers for one in joined} == {("Reyes",)}


def test_carelessly_typed_questions_ask_the_same_of_the_same_passage() -> None:
    asked = example("Who led the Norwegian side?", "Anna Berg")
    varied = [vary(asked, random.Random(seed)) for seed in range(200)]
    assert any(one.question.islower() for one in varied)
    assert any(not one.question.endswith("?") for one in varied)
    assert {(one.passage, one.spans) for one in varied} == {(asked.passage, asked.spans)}


def test_a_passage_without_its_answering_sentence_answers_no_more() -> None:
    other = without_answer(example("Who led the Norwegian side?", "Anna Berg"))
    assert other is not None
    assert "Anna Berg" not in other.passage
    assert other.spans == ()


def test_a_right_name_in_the_wrong_role_is_made_of_a_name_of_another_sentence() -> None:
    asked = example("Who led the Norwegian side in 2019?", "Anna Berg")
    made = [wrong_role(asked, random.Random(seed)) for seed in range(20)]
    swapped = {one.question for one in made if one}
    assert swapped
    assert all(one.spans == () and one.passage == PASSAGE for one in made if one)
    assert all("Anna" not in question for question in swapped)


def test_a_question_with_a_word_changed_waits_for_a_teacher() -> None:
    asked = example("Who first led the Norwegian side in 2019?", "Anna Berg")
    made = [misasked(asked, "Later Rosa Ruiz sang before 1987.", random.Random(seed)) for seed in range(40)]
    changed = {one.question for one in made if one}
    assert any("last led" in question for question in changed)
    assert any("1987" in question for question in changed)
    assert any("Ruiz" in question or "Paul Reyes" in question for question in changed)
    assert asked.question not in changed
    assert not any(one.labelled or one.spans for one in made if one)


def test_a_pass_gives_every_example_once_and_the_same_for_a_seed(base: Path) -> None:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    examples = [example(f"Who led side {NAMES[n % 8]} of {PLACES[n // 8]}?", "Anna Berg") for n in range(20)]
    one, two = (
        [ids for n in range(3) for ids in _pieces(Rounds(examples, tokenizer, seed=3, parts=3)(n))] for _ in range(2)
    )
    assert one == two
    assert len(set(one)) == 20


def _pieces(packed: Packed) -> list[bytes]:
    return [ids.numpy().tobytes() for ids in packed.ids.split(packed.lengths().tolist())]


def test_rounds_made_ahead_by_other_processes_are_the_same(base: Path) -> None:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    rounds = Rounds([example(f"Who led side {n}?", "Anna Berg") for n in range(20)], tokenizer, seed=3)
    others = ahead(rounds, 2)
    for number in (0, 1, 2, 5):
        one, two = rounds(number), others(number)
        assert len(one) == len(two)
        assert torch.equal(one.starts, two.starts)
        assert torch.equal(one.ids, two.ids)


def test_pieces_of_an_answer_cover_its_words(base: Path) -> None:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    [encoded] = encode([example("Who led?", "Anna Berg")], tokenizer)
    covered = tokenizer.decode(encoded.ids[encoded.starts[0] : encoded.ends[0] + 1].tolist()).replace(" ##", "")
    assert covered.replace("##", "").replace(" ", "") == "annaberg"


def test_batches_hold_every_example_and_targets_sum_to_one(base: Path) -> None:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    examples = [example("Who led?", "Anna Berg"), Example("Who sang?", PASSAGE, (), "made")] * 10
    given = list(batches(pack(encode(examples, tokenizer)), pieces=2000, random_=random.Random(1)))
    assert sum(len(batch.answered) for batch in given) == 20
    for batch in given:
        assert torch.allclose(batch.starts.sum(1), torch.ones(len(batch.answered)))
        assert ((batch.starts[:, 0] == 1) == (batch.answered == 0)).all()
        assert not (batch.starts * (1 - batch.allowed)).any()


def test_weights_come_back_as_they_were_but_for_16_bits(base: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    one, two = ReaderNetwork(base), ReaderNetwork(base)
    save_weights(one, tmp_path / "w.safetensors", about={"seed": 1})
    load_weights(two, tmp_path / "w.safetensors")
    for (name, a), (_, b) in zip(one.named_parameters(), two.named_parameters(), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), atol=2e-3, err_msg=name)


def test_weights_of_another_network_are_refused(base: Path, tmp_path: Path) -> None:
    other = save_tiny(tmp_path, Tiny(dense=True))
    network = ReaderNetwork(other)
    network.more = torch.nn.Linear(2, 2)
    save_weights(network, tmp_path / "w.safetensors", about={})
    with pytest.raises(ModelError, match="another network"):
        load_weights(ReaderNetwork(base), tmp_path / "w.safetensors")


def test_a_reading_set_whose_offsets_are_wrong_is_refused(tmp_path: Path) -> None:
    bad = rows(1)
    bad[0]["answers"] = [{"text": "Berg", "start": 3}]
    write(tmp_path / "bad.jsonl.gz", bad)
    with pytest.raises(ReadError, match="does not stand where"):
        read_rows(tmp_path / "bad.jsonl.gz")


def test_training_goes_on_where_it_stopped_and_keeps_its_curve(base: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = ["--data", str(data), "--out", str(out), "--base", str(base), "--rate", "3e-3", "--seed", "2"]
    assert main([*command, "--pieces", "6000"]) == 0
    first = [json.loads(line) for line in (out / "curve.jsonl").read_text().splitlines()]
    assert main([*command, "--pieces", "12000"]) == 0
    curve = [json.loads(line) for line in (out / "curve.jsonl").read_text().splitlines()]
    assert curve[: len(first)] == first
    assert curve[-1]["pieces"] >= 12000 > first[-1]["pieces"] >= 6000
    assert [measured["name"] for measured in curve[-1]["measured"]] == ["new_wiki"]
    with safe_open(out / "reader.safetensors", framework="pt") as file:
        about = json.loads(file.metadata()["citewire"])
    assert (about["base"], about["start"], about["seed"]) == (base.name, "", 2)


def test_training_learns_to_tell_where_the_answer_is_and_whether_there_is_one(base: Path, tmp_path: Path) -> None:
    torch.manual_seed(5)
    network = ReaderNetwork(base)
    text = "the talks were in Paris"
    told = [example("who led", "the minister", f"the minister led {text}") for _ in range(40)]
    not_told = [Example("who led", f"the delegations said not on Monday {text}", (), "made") for _ in range(40)]
    encoded = list(encode(told + not_told, Tokenizer.from_file(str(base / "tokenizer.json"))))
    schedule = Schedule(pieces=24_000, batch_pieces=512, rate=3e-3, head_rate=6e-3)
    fit(network, lambda number: pack(encoded), schedule, folder=tmp_path, seed=1)
    [batch] = batches(pack([encoded[0], encoded[-1]]), pieces=4096, random_=random.Random(1))
    with torch.inference_mode():
        start, end, holds = network.eval()(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    answered = int(batch.answered.argmax())
    assert (int(start[answered].argmax()), int(end[answered].argmax())) == (encoded[0].starts[0], encoded[0].ends[0])
    assert holds[answered] > holds[1 - answered] + 1


def test_a_teacher_says_what_answers_where_no_label_does(base: Path, tmp_path: Path) -> None:
    torch.manual_seed(5)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    teacher, network = ReaderNetwork(base, reads=tokenizer), ReaderNetwork(base)
    answered = [example("who led", "the minister", "the minister led the talks") for _ in range(40)]
    schedule = Schedule(pieces=12_000, batch_pieces=512, rate=3e-3, head_rate=6e-3)
    told = list(encode(answered, tokenizer))
    fit(teacher, lambda number: pack(told), schedule, folder=tmp_path / "teacher", seed=1)
    untold = list(encode([replace(one, spans=(), labelled=False) for one in answered], tokenizer))
    fit(network, lambda number: pack(untold), schedule, folder=tmp_path / "taught", seed=1, teachers=[teacher])
    [batch] = batches(pack(told[:1]), pieces=4096, random_=random.Random(1))
    with torch.inference_mode():
        start, end, holds = network.eval()(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    assert (int(start[0].argmax()), int(end[0].argmax())) == (told[0].starts[0], told[0].ends[0])
    assert holds[0] > 1


def test_a_teacher_of_the_same_kind_reads_every_piece_as_it_is(base: Path) -> None:
    reads = Tokenizer.from_file(str(base / "tokenizer.json"))
    assert ReaderNetwork(base, reads=reads)._ids.tolist() == list(range(reads.get_vocab_size()))


def _mpnet(folder: Path, reads: Tokenizer) -> list[str]:
    """Write a small MPNet that reads the same word pieces, its marks apart, and return its pieces."""
    own = [piece for piece in sorted(reads.get_vocab()) if piece not in MARKS]
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *own, "<mask>"]
    Tokenizer(WordPiece({piece: n for n, piece in enumerate(pieces)})).save(str(folder / "tokenizer.json"))
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    config = MPNetConfig(vocab_size=len(pieces), initializer_range=0.5, **shape)  # less, and attention hardly matters
    MPNetModel(config).save_pretrained(folder)
    return pieces


def test_a_teacher_of_another_kind_reads_the_readers_word_pieces(base: Path, tmp_path: Path) -> None:
    reads = Tokenizer.from_file(str(base / "tokenizer.json"))
    pieces = _mpnet(tmp_path, reads)
    [encoded] = encode([example("Who led?", "Anna Berg")], reads)
    teacher, given = ReaderNetwork(tmp_path, reads=reads), torch.from_numpy(encoded.ids).long()[None]
    seen: list[torch.Tensor] = []
    teacher.encoder.embeddings.register_forward_pre_hook(
        lambda module, arguments, named: seen.append(named["input_ids"]), with_kwargs=True
    )
    start, end, holds = teacher(given, torch.ones_like(given), torch.zeros_like(given))
    assert [pieces[n] for n in seen[0][0]] == [
        MARKS.get(piece, piece) for piece in map(reads.id_to_token, encoded.ids) if piece
    ]
    assert start.shape == end.shape == given.shape
    assert holds.shape == (1,)


def test_fused_attention_with_relative_positions_gives_what_transformers_own_gives(base: Path, tmp_path: Path) -> None:
    reads = Tokenizer.from_file(str(base / "tokenizer.json"))
    _mpnet(tmp_path, reads)
    own, fused = (ReaderNetwork(tmp_path, reads=reads, attention=attention) for attention in ("plain", "sdpa"))
    fused.load_state_dict(own.state_dict())
    with torch.no_grad():
        for network in (own, fused):  # as trained: with no bias of positions both would be right without it
            network.encoder.encoder.relative_attention_bias.weight.copy_(torch.arange(128).view(32, 4) / 32)
    ids = torch.randint(10, 40, (3, 24), generator=torch.Generator().manual_seed(1))
    mask = (torch.arange(24) < torch.tensor([[24], [17], [9]])).long()
    for one, two in zip(own(ids, mask, mask), fused(ids, mask, mask), strict=True):
        there = mask.bool() if one.dim() == 2 else slice(None)
        torch.testing.assert_close(one[there], two[there], rtol=1e-4, atol=1e-5)
    fused.encoder.encoder.relative_attention_bias.weight.data.zero_()
    assert not torch.allclose(own(ids, mask, mask)[0], fused(ids, mask, mask)[0], atol=1e-3)  # positions count


def test_a_passage_that_words_find_waits_for_a_teacher_whatever_it_holds() -> None:
    asked = [example("Who led the Norwegian side?", "Anna Berg")]
    pool = [PASSAGE, "Anna Berg led the Norwegian side again in May.", "The side met. Norwegian rivers rose.", "No."]
    found = list(found_by_words(asked, pool, random.Random(1)))
    assert {one.passage for one in found} == {pool[1], pool[2]}
    assert all(one.question == asked[0].question and not one.spans and not one.labelled for one in found)


def test_teachers_are_asked_once_a_round_and_their_mean_is_mixed_with_the_label(base: Path) -> None:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    told = example("Who led?", "Anna Berg")
    packed = pack(encode([told, replace(told, spans=(), labelled=False)], tokenizer))
    torch.manual_seed(3)
    teachers = [ReaderNetwork(base, reads=tokenizer).eval() for _ in range(2)]
    given = taught(packed, teachers, gold=0.3)
    [batch] = batches(packed, pieces=4096, random_=random.Random(1))
    with torch.inference_mode():
        said = torch.stack([torch.sigmoid(scores(teacher, batch)[2]) for teacher in teachers]).mean(0)[
            batch.rows.argsort()
        ]
    torch.testing.assert_close(given.answered[0], 0.7 * said[0] + 0.3)
    torch.testing.assert_close(given.answered[1], said[1])
    half = len(packed.ids) // 2
    for targets, labels in ((given.starts, packed.starts), (given.ends, packed.ends)):
        torch.testing.assert_close(targets.view(2, half).sum(1), torch.ones(2))
        assert targets[:half][labels[:half] == 1] > 0.3
        assert targets[half] < 0.3  # the label of the second is not counted
    assert (given.ids == packed.ids).all()


def test_a_teacher_that_reads_other_word_pieces_is_refused(base: Path) -> None:
    other = Tokenizer(WordLevel({f"word{n}": n for n in range(2_000)}, unk_token="word0"))
    with pytest.raises(ModelError, match="other word pieces"):
        ReaderNetwork(base, reads=other)


def test_a_folder_without_reading_sets_is_one_clear_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "holds none of the reading sets" in capsys.readouterr().err


def test_readers_are_averaged_tensor_by_tensor(tmp_path: Path) -> None:
    for name, value in (("a", 1.0), ("b", 4.0)):
        save_file({"w": torch.full((2, 3), value)}, tmp_path / name, metadata={"citewire": '{"seed": 1}'})
    assert average.main([str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "out")]) == 0
    with safe_open(tmp_path / "out", framework="pt") as file:
        assert torch.equal(file.get_tensor("w"), torch.full((2, 3), 2.5).half())
        assert json.loads(file.metadata()["citewire"]) == {"average": [{"seed": 1}] * 2}


def test_readers_of_different_networks_are_not_averaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        save_file({name: torch.zeros(2)}, tmp_path / name, metadata={"citewire": "{}"})
    assert average.main([str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("qa.train.average: the files hold weights of different networks")
    assert not (tmp_path / "out").exists()
