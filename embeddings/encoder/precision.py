"""Choosing the precision that networks compute in on this processor. Nothing else decides it.

OpenVINO, its oneDNN, and PyTorch each inspect the processor themselves, and no setting reaches all of them. So this
module decides once, from OpenVINO's capabilities, the processor's instructions, and two environment variables:
`CITEWIRE_PRECISION`, and oneDNN's `ONEDNN_MAX_CPU_ISA`, which makes a processor act like an older one.
"""

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from corpus.errors import ModelError
from embeddings.encoder.openvino_network import Floats, import_openvino

Precision = Literal["auto", "int8", "bf16", "f32"]
VARIABLE = "CITEWIRE_PRECISION"
ISA_LIMIT = "ONEDNN_MAX_CPU_ISA"
GROUP = 128
"""Values of a matrix in eight bits that share a factor."""

_NO_AVX512 = {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2"}
_NO_VNNI = {"SSE41", "AVX", "AVX2", "AVX512_CORE"}
_NO_BF16 = _NO_AVX512 | {"AVX512_CORE", "AVX512_CORE_VNNI"}
_NO_AMX = _NO_BF16 | {"AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX10_1_512"}


@dataclass(frozen=True, slots=True)
class Processor:
    """Fast arithmetic that OpenVINO may use: floats in bf16 or f16, 8-bit integers (vnni), and blocks of both (amx)."""

    bf16: bool = False
    f16: bool = False
    vnni: bool = False
    amx: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Precision of a network. eight_bits: its large products multiply 8-bit integers."""

    floats: Floats
    eight_bits: bool


def arithmetic(precision: Precision = "auto", processor: Processor | None = None) -> Arithmetic:
    """Return the precision to compute in. processor: this one by default.

    "auto" takes what `CITEWIRE_PRECISION` names, and without it the fastest: bf16 where the processor has it, and
    eight bits where it has VNNI and no AMX (docs/encoding.md). "int8" always takes eight bits, even if that is no
    faster; "bf16" and "f32" never do. Raises ModelError for bf16 on a processor without it.
    """
    here = this_processor() if processor is None else processor
    wanted = wanted_precision(precision)
    if wanted == "bf16" and not here.bf16:
        raise ModelError(f"this processor does not compute in bf16; let --precision or {VARIABLE} be f32 or auto")
    fastest: Floats = "bf16" if here.bf16 else "f16" if here.f16 else "f32"
    return Arithmetic(
        floats=wanted if wanted in ("bf16", "f32") else fastest,
        eight_bits=wanted == "int8" or (wanted == "auto" and here.vnni and not here.amx),
    )


def wanted_precision(precision: Precision) -> Precision:
    """Return the precision, or for "auto" the one that `CITEWIRE_PRECISION` names. Raises ModelError."""
    named = (os.environ.get(VARIABLE) or "auto") if precision == "auto" else precision
    if named not in get_args(Precision):
        raise ModelError(f'{VARIABLE} is "{named}"; set it to {", ".join(get_args(Precision)[:-1])} or f32')
    return named  # type: ignore[return-value]


def values_rounded_together() -> int:
    """Return how many input values of an 8-bit product share a factor.

    0 without VNNI: then only the weights have eight bits, and OpenVINO multiplies floats.
    """
    return GROUP if this_processor().vnni else 0


def width_step(floats: Floats, processor: Processor | None = None) -> int:
    """Return the number of word pieces that a batch's width should be a multiple of.

    16 for AMX in bf16: there attention of other widths takes a fifth more of the network's time. Elsewhere 1, since
    padding costs more than it saves (docs/encoding.md).
    """
    here = this_processor() if processor is None else processor
    return 16 if here.amx and floats == "bf16" else 1


@functools.cache
def this_processor() -> Processor:
    """Return this processor's fast arithmetic, within the limit of `ONEDNN_MAX_CPU_ISA`.

    Like oneDNN this reads the variable once: set it before the process starts. Only Linux lists the instructions;
    elsewhere a processor counts as one without VNNI and AMX.
    """
    capabilities = import_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return processor_of(frozenset(capabilities), _instructions(), isa_limit=os.environ.get(ISA_LIMIT, ""))


def processor_of(capabilities: frozenset[str], instructions: frozenset[str], *, isa_limit: str = "") -> Processor:
    """Return the fast arithmetic of a processor.

    capabilities: as OpenVINO names them, without oneDNN's limit. instructions: as Linux names them. isa_limit: the
    newest instruction set that oneDNN may use, by oneDNN's name; empty for all.
    """
    wide = "avx512_vnni" in instructions and isa_limit not in _NO_AVX512
    return Processor(
        bf16="BF16" in capabilities and isa_limit not in _NO_BF16,
        f16="FP16" in capabilities,
        vnni=(wide or "avx_vnni" in instructions) and isa_limit not in _NO_VNNI,
        amx="amx_tile" in instructions and isa_limit not in _NO_AMX,
    )


def _instructions() -> frozenset[str]:
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())
