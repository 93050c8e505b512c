import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from repository import ROOT
from tiny_models import TEXTS, Tiny, save_tiny

from corpus.errors import ModelError
from embeddings.encoder.encoder import ROUNDED_FROM, OpenVinoEncoder, load_encoder
from embeddings.encoder.model_files import find_model
from embeddings.encoder.openvino_network import FloatArray
from embeddings.encoder.precision import arithmetic

PARAGRAPH = (
    "The two delegations met on Monday in the capital. Officials said that the talks, the third this year, had been "
    "constructive, and that a joint statement would follow before the end of the week. "
)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def _cosines(a: FloatArray, b: FloatArray) -> FloatArray:
    cosines: FloatArray = (a * b).sum(axis=-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    return cosines


@pytest.mark.processor
@pytest.mark.parametrize("precision", ["auto", "f32"])
def test_the_default_model_gives_sentence_transformers_vectors(cache: Path, precision: str) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [*TEXTS, "", " \n", *(PARAGRAPH[start:] * repeat for start in (0, 30) for repeat in (1, 2, 3, 9))]
    encoder = load_encoder(precision=precision, gpu=False, cache=cache)  # type: ignore[arg-type]
    theirs = SentenceTransformer(str(find_model(cache=cache).folder), device="cpu")
    vectors = encoder.encode(texts)
    assert encoder.dimension == 384
    assert vectors.dtype == np.float32
    assert _cosines(vectors, theirs.encode(texts)).min() > (0.99999 if precision == "f32" else 0.999)
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-6
    assert _cosines(encoder.encode_question(TEXTS[0]), theirs.encode_query(TEXTS[0])) > 0.999


MODELS = {
    "mean": Tiny(),
    "cls": Tiny(pooling="cls"),
    "max": Tiny(pooling="max"),
    "mean_sqrt": Tiny(pooling="mean_sqrt_len_tokens", normalize=False),
    "weighted": Tiny(pooling="weightedmean"),
    "cls and mean": Tiny(pooling=("cls", "mean"), normalize=False),
    "not normalised": Tiny(normalize=False),
    "dense": Tiny(dense=True, normalize=False),
    "prompts": Tiny(prompts={"query": "who: ", "document": "the text: "}),
    "default prompt": Tiny(prompts={"both": "said: "}, default_prompt="both"),
    "short": Tiny(max_length=7),
    "cased": Tiny(tokenizer_lowers=False),
    "lowered by the module": Tiny(tokenizer_lowers=False, module_lowers=True),
}


@pytest.mark.parametrize("name", MODELS)
def test_any_pooling_prompt_length_and_case_gives_sentence_transformers_vectors(
    name: str, cache: Path, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    folder = save_tiny(tmp_path, MODELS[name])
    encoder = load_encoder(str(folder), precision="f32", gpu=False, cache=cache)
    theirs = SentenceTransformer(str(folder), device="cpu")
    assert isinstance(encoder, OpenVinoEncoder)
    expected = theirs.encode_document(TEXTS)
    vectors = encoder.encode(TEXTS)
    assert encoder.dimension == expected.shape[1]
    assert _cosines(vectors, expected).min() > 0.9999
    assert _cosines(vectors[0], expected[1:]).max() < 0.99, "the model tells these texts apart"
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-6
    assert _cosines(encoder.encode_question(TEXTS[1]), theirs.encode_query(TEXTS[1])) > 0.9999


def test_prompts_length_and_case_change_the_vectors(cache: Path, tmp_path: Path) -> None:
    def vector(name: str) -> FloatArray:
        folder = save_tiny(tmp_path / name, MODELS[name])
        row: FloatArray = load_encoder(str(folder), precision="f32", gpu=False, cache=cache).encode([TEXTS[1]])[0]
        return row

    plain = vector("mean")
    assert all(_cosines(plain, vector(name)) < 0.99 for name in ("prompts", "short", "cased"))
    assert _cosines(plain, vector("lowered by the module")) > 0.9999


@pytest.mark.parametrize(
    "tiny", [Tiny(pooling="lasttoken"), Tiny(prompts={"query": "who: "}, include_prompt=False)], ids=["last", "prompt"]
)
def test_a_pooling_that_openvino_is_not_trusted_with_runs_in_pytorch_and_says_so(
    tiny: Tiny, cache: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from sentence_transformers import SentenceTransformer

    folder = save_tiny(tmp_path, tiny)
    theirs = SentenceTransformer(str(folder), device="cpu")
    for _ in range(2):
        caplog.clear()
        with caplog.at_level(logging.WARNING, logger="embeddings"):
            encoder = load_encoder(str(folder), cache=cache)
        assert "is run by PyTorch" in caplog.text
        assert "pooling" in caplog.text
        assert not isinstance(encoder, OpenVinoEncoder)
        assert _cosines(encoder.encode(TEXTS), theirs.encode_document(TEXTS)).min() > 0.9999
        assert _cosines(encoder.encode_question(TEXTS[1]), theirs.encode_query(TEXTS[1])) > 0.9999
    assert encoder.encode([]).shape == (0, 32)


def test_a_model_without_a_transformer_runs_in_pytorch(cache: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "talks": 1, "Paris": 2, "who": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    theirs = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)], device="cpu")
    theirs.save(str(tmp_path / "model"), create_model_card=False)
    encoder = load_encoder(str(tmp_path / "model"), cache=cache)
    texts = ["talks Paris", "who talks"]
    assert _cosines(encoder.encode(texts), theirs.encode(texts)).min() > 0.9999


@pytest.mark.processor
def test_rows_come_in_the_order_given_whatever_their_lengths(cache: Path) -> None:
    encoder = load_encoder(cache=cache)
    texts = [PARAGRAPH[: 5 + 37 * (number * 7 % 9)] + str(number) for number in range(300)]
    vectors = encoder.encode(texts)
    alone = np.stack([encoder.encode([text])[0] for text in texts[::25]])
    assert _cosines(vectors[::25], alone).min() > 0.999
    assert len({row.tobytes() for row in vectors}) == 300
    assert encoder.encode([]).shape == (0, 384)


def test_lone_surrogates_and_very_long_texts_are_taken(cache: Path) -> None:
    encoder = load_encoder(cache=cache)
    vectors = encoder.encode(["the talks \udc80 ended", "talks " * 100_000])
    assert np.isfinite(vectors).all()
    assert np.isfinite(encoder.encode_question("who \udcff " + "led " * 50_000)).all()


@pytest.mark.processor
def test_many_threads_ask_while_passages_are_encoded(cache: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    encoder = load_encoder(cache=cache)
    expected = encoder.encode_question("who led the talks?")
    with ThreadPoolExecutor(6) as pool:
        passages = [pool.submit(encoder.encode, [PARAGRAPH] * 40) for _ in range(2)]
        questions = [pool.submit(encoder.encode_question, "who led the talks?") for _ in range(40)]
        assert all(np.array_equal(question.result(), expected) for question in questions)
        assert all(_cosines(block.result(), passages[0].result()).min() > 0.9999 for block in passages)


def _python(code: str, *, cache: Path, home: Path) -> str:
    """Run code in a process without CI's variables that cannot open a socket; return its output's last line."""
    denied = (
        "import sys, json\n"
        "tried = []\n"
        "def watch(event, arguments):\n"
        "    if event.startswith('socket.') and event != 'socket.__new__':\n"
        "        tried.append(event)\n"
        "        raise OSError('no network')\n"
        "sys.addaudithook(watch)\n"
    )
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "SYSTEMROOT", "TMPDIR")}
    done = subprocess.run(
        [sys.executable, "-c", denied + code],
        env=inherited | {"CITEWIRE_CACHE": str(cache), "HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_nothing_is_sent_from_the_first_conversion_on_and_a_later_start_needs_no_pytorch(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    code = (
        "from embeddings.encoder.encoder import load_encoder\n"
        "vector = load_encoder().encode_question('Who led the delegations?')\n"
        "heavy = ['torch', 'transformers', 'sentence_transformers', 'huggingface_hub', 'openvino.tools.ovc']\n"
        "print(json.dumps([tried, [m for m in heavy if m in sys.modules], round(float(vector @ vector), 4)]))"
    )
    first = json.loads(_python(code, cache=tmp_path / "cache", home=tmp_path / "home"))
    second = json.loads(_python(code, cache=tmp_path / "cache", home=tmp_path / "home"))
    assert first[0] == second[0] == []
    assert "torch" in first[1], "the first start converts"
    assert second[1:] == [[], 1.0]
    assert not (tmp_path / "home" / "intel").exists(), "OpenVINO's usage reports leave an identifier there"


@pytest.mark.processor
def test_bf16_and_f32_are_what_was_asked_for(cache: Path) -> None:
    assert load_encoder(precision="f32", gpu=False, cache=cache).precision == "f32"  # type: ignore[attr-defined]
    assert load_encoder(gpu=False, cache=cache).precision == arithmetic().floats  # type: ignore[attr-defined]


LONG = [
    f"{PARAGRAPH}Witness {n:03} spoke of {n * 7:03} letters, and of a debt of {n % 13} million." for n in range(100)
]
assert all(len(text) >= ROUNDED_FROM for text in LONG)


@pytest.mark.processor
def test_many_long_passages_are_computed_in_eight_bits_and_nearly_the_same(cache: Path) -> None:
    exact = load_encoder(precision="f32", gpu=False, cache=cache)
    encoder = load_encoder(precision="int8", gpu=False, cache=cache)
    assert isinstance(encoder, OpenVinoEncoder)
    few = encoder.encode(LONG[:40])
    assert not encoder.in_eight_bits, "a second network is not opened for a few passages"
    mixed = [*LONG, *TEXTS, PARAGRAPH]
    vectors = encoder.encode(mixed)
    assert encoder.in_eight_bits
    cosines = _cosines(vectors, exact.encode(mixed))
    assert cosines.min() > 0.999
    assert 1 - cosines[: len(LONG)].mean() > 3 * (1 - cosines[len(LONG) :].mean()), "short texts are not rounded"
    assert _cosines(few, encoder.encode(LONG[:40])).max() < 0.99999, "once it is open it serves fewer, too"
    kept = cache / "networks" / f"8-{encoder.fingerprint}"
    assert json.loads((kept / "manifest.json").read_text())["about"]["eight_bits"] is True


@pytest.mark.processor
@pytest.mark.parametrize("precision", ["bf16", "f32"])
def test_a_precision_that_is_asked_for_is_kept(cache: Path, precision: str) -> None:
    try:
        encoder = load_encoder(precision=precision, gpu=False, cache=cache)  # type: ignore[arg-type]
    except ModelError:
        pytest.skip("this processor does not compute in bf16")
    encoder.encode(LONG)
    assert not encoder.in_eight_bits  # type: ignore[attr-defined]


@pytest.mark.long
def test_a_model_that_eight_bits_change_too_much_is_left_in_sixteen_and_that_is_remembered(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(cache, tmp_path / "cache", ignore=shutil.ignore_patterns("8-*"))
    monkeypatch.setattr("embeddings.encoder.conversion._ROUNDED_BY", 1e-7)
    for _ in range(2):
        encoder = load_encoder(precision="int8", gpu=False, cache=tmp_path / "cache")
        vectors = encoder.encode(LONG)
        assert not encoder.in_eight_bits  # type: ignore[attr-defined]
        exact = load_encoder(precision="f32", gpu=False, cache=cache)
        assert _cosines(vectors, exact.encode(LONG)).min() > 0.9999
        monkeypatch.setattr("embeddings.encoder.conversion.to_eight_bits", None)  # it is not tried again
    (refusal,) = (tmp_path / "cache" / "networks").glob(f"8-{encoder.fingerprint}.refused-*.txt")
    assert "too much" in refusal.read_text()


def test_without_room_to_keep_eight_bits_passages_are_encoded_all_the_same(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(cache, tmp_path / "cache", ignore=shutil.ignore_patterns("8-*"))
    encoder = load_encoder(precision="int8", gpu=False, cache=tmp_path / "cache")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("embeddings.encoder.conversion.cached_folder", full)
    assert encoder.encode(LONG).shape == (len(LONG), 384)
    assert not encoder.in_eight_bits  # type: ignore[attr-defined]


def test_a_model_without_large_products_is_left_in_sixteen_bits(cache: Path, tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "tiny", Tiny())
    encoder = load_encoder(str(folder), precision="int8", gpu=False, cache=cache)
    encoder.encode(LONG)
    assert not encoder.in_eight_bits  # type: ignore[attr-defined]


def test_a_cuda_gpu_gives_the_processors_vectors(cache: Path) -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA GPU")
    texts = [PARAGRAPH[: 20 + number] for number in range(300)]
    expected = load_encoder(gpu=False, cache=cache).encode(texts)
    assert _cosines(load_encoder(cache=cache).encode(texts), expected).min() > 0.999
