"""What networks compute in: chosen in one place, by the processor, the option and the variables."""

import json
import os
import subprocess
import sys

import pytest
from repository import ROOT

from corpus.errors import ModelError
from embeddings.encoder.precision import (
    ISA_LIMIT,
    VARIABLE,
    Arithmetic,
    Precision,
    Processor,
    arithmetic,
    processor_of,
    width_step,
)

ZEN3 = frozenset({"avx2", "fma"})
ICE_LAKE = ZEN3 | {"avx512f", "avx512_vnni"}
ALDER_LAKE = ZEN3 | {"avx_vnni"}
ZEN4 = ICE_LAKE | {"avx512_bf16"}
SAPPHIRE_RAPIDS = ZEN4 | {"avx_vnni", "amx_tile", "amx_bf16", "amx_int8"}
PLAIN, BF16, FP16 = frozenset({"FP32", "INT8"}), frozenset({"FP32", "INT8", "BF16"}), frozenset({"FP32", "FP16"})


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.mark.parametrize(
    ("capabilities", "instructions", "floats", "eight_bits"),
    [
        (PLAIN, ZEN3, "f32", False),
        (PLAIN, ICE_LAKE, "f32", True),
        (PLAIN, ALDER_LAKE, "f32", True),
        (BF16, ZEN4, "bf16", True),
        (BF16, SAPPHIRE_RAPIDS, "bf16", False),
        (FP16, frozenset(), "f16", False),
    ],
    ids=["Zen 3", "Ice Lake", "Alder Lake", "Zen 4", "Sapphire Rapids", "ARM"],
)
def test_each_kind_of_processor_computes_in_what_is_fastest_there(
    capabilities: frozenset[str], instructions: frozenset[str], floats: str, *, eight_bits: bool
) -> None:
    chosen = arithmetic("auto", processor_of(capabilities, instructions))
    assert (chosen.floats, chosen.eight_bits) == (floats, eight_bits)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        ("AVX2", Processor()),
        ("AVX2_VNNI", Processor(vnni=True)),
        ("AVX512_CORE", Processor()),
        ("AVX512_CORE_VNNI", Processor(vnni=True)),
        ("AVX512_CORE_BF16", Processor(vnni=True, bf16=True)),
        ("AVX512_CORE_AMX", Processor(vnni=True, bf16=True, amx=True)),
        ("", Processor(vnni=True, bf16=True, amx=True)),
    ],
)
def test_a_processor_plays_an_older_one(most: str, expected: Processor) -> None:
    assert processor_of(BF16, SAPPHIRE_RAPIDS, isa_limit=most) == expected


def test_batches_are_as_wide_as_amx_wants_them_and_elsewhere_as_their_longest_text() -> None:
    amx = processor_of(BF16, SAPPHIRE_RAPIDS)
    assert (width_step("bf16", amx), width_step("f32", amx), width_step("bf16", processor_of(BF16, ZEN4))) == (16, 1, 1)


def test_what_a_processor_has_not_it_cannot_play() -> None:
    assert processor_of(PLAIN, ZEN3, isa_limit="AVX512_CORE_AMX") == Processor()
    assert processor_of(BF16, ZEN4, isa_limit="AVX2_VNNI") == Processor()


@pytest.mark.parametrize(
    ("asked", "variable", "expected"),
    [
        ("auto", "f32", Arithmetic("f32", eight_bits=False)),
        ("auto", "bf16", Arithmetic("bf16", eight_bits=False)),
        ("auto", "int8", Arithmetic("bf16", eight_bits=True)),
        ("auto", "auto", Arithmetic("bf16", eight_bits=False)),
        ("auto", "", Arithmetic("bf16", eight_bits=False)),
        ("f32", "int8", Arithmetic("f32", eight_bits=False)),
        ("int8", "f32", Arithmetic("bf16", eight_bits=True)),
    ],
)
def test_an_option_goes_before_the_variable_and_that_before_what_is_fastest(
    asked: Precision, variable: str, expected: Arithmetic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, variable)
    assert arithmetic(asked, processor_of(BF16, SAPPHIRE_RAPIDS)) == expected


def test_bf16_where_there_is_none_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=f"does not compute in bf16; let --precision or {VARIABLE} be f32 or auto"):
        arithmetic("bf16", Processor())
    monkeypatch.setenv(VARIABLE, "bf16")
    with pytest.raises(ModelError, match="does not compute in bf16"):
        arithmetic("auto", Processor())


def test_a_variable_that_names_no_precision_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "fp8")
    with pytest.raises(ModelError, match='CITEWIRE_PRECISION is "fp8"; set it to auto, int8, bf16 or f32'):
        arithmetic("auto", Processor())


PLAYING = """
import json
import os
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.precision import this_processor
from qa.reader.model import open_reader_model
encoder, reader = load_encoder(gpu=False), open_reader_model()
length = float((encoder.encode_question("Who led the delegations?") ** 2).sum())
encoder.encode([f"The council met on day {n} of the month and decided nothing. " * 6 for n in range(120)])
rounds = encoder.in_eight_bits is not None
kinds = [encoder.precision, rounds, reader.network.precision, reader.network.about["eight_bits"]]
print(json.dumps([this_processor().vnni, *kinds, length]))
"""


@pytest.mark.parametrize("most", ["AVX2", "AVX512_CORE_VNNI"])
def test_whoever_plays_a_processor_without_bf16_computes_in_f32(most: str) -> None:
    """OpenVINO asks the processor, and oneDNN under it the variable: in bf16 it would fail to compile, or crash."""
    environment = {**os.environ, ISA_LIMIT: most}
    run = subprocess.run([sys.executable, "-c", PLAYING], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    vnni, *kinds, length = json.loads(run.stdout)
    assert kinds == ["f32", vnni, "f32", vnni]
    assert not (vnni and most == "AVX2")
    assert length == pytest.approx(1, abs=1e-5)
