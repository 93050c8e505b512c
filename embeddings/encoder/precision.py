"""What networks compute in on this processor: decided here and nowhere else.

OpenVINO, oneDNN under it, and PyTorch each look at the processor for themselves, and no setting reaches all of them. So
what they may use is worked out once, from what OpenVINO says, the processor's list of instructions, and two variables
of the environment: `CITEWIRE_PRECISION`, and oneDNN's own `ONEDNN_MAX_CPU_ISA`, which plays an older processor.
"""

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from corpus.errors import ModelError
from embeddings.encoder.eight_bits import GROUP
from embeddings.encoder.openvino_network import Floats, openvino_quietly

Precision = Literal["auto", "int8", "bf16", "f32"]
VARIABLE = "CITEWIRE_PRECISION"
PLAYED = "ONEDNN_MAX_CPU_ISA"

_NO_AVX512 = {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2"}
_NO_VNNI = {"SSE41", "AVX", "AVX2", "AVX512_CORE"}
_NO_BF16 = _NO_AVX512 | {"AVX512_CORE", "AVX512_CORE_VNNI"}
_NO_AMX = _NO_BF16 | {"AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX10_1_512"}


@dataclass(frozen=True, slots=True)
class Processor:
    """What a processor computes in fast, as far as OpenVINO may use it: fractions of 16 bits, whole numbers of 8."""

    bf16: bool = False
    f16: bool = False
    vnni: bool = False
    amx: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What a network computes in. `eight_bits`: whether its large products multiply whole numbers of eight bits."""

    floats: Floats
    eight_bits: bool


def arithmetic(precision: Precision = "auto", processor: Processor | None = None) -> Arithmetic:
    """Return what to compute in. processor: this one, unless another is given.

    "auto" takes what `CITEWIRE_PRECISION` names, and without it the fastest: bf16 where the processor has it, and
    eight bits where it has VNNI and no AMX (docs/encoding.md). "int8" takes eight bits in any case, also where that is
    no faster, "bf16" and "f32" never. Raises ModelError for bf16 on a processor that has it not, and for a variable
    that names no precision.
    """
    here = this_processor() if processor is None else processor
    wanted = wanted_precision(precision)
    if wanted == "bf16" and not here.bf16:
        raise ModelError(f"this processor does not compute in bf16; {_advice(precision)} f32 or auto")
    fastest: Floats = "bf16" if here.bf16 else "f16" if here.f16 else "f32"
    return Arithmetic(
        floats=wanted if wanted in ("bf16", "f32") else fastest,
        eight_bits=wanted == "int8" or (wanted == "auto" and here.vnni and not here.amx),
    )


def wanted_precision(precision: Precision) -> Precision:
    """Return the precision, or for "auto" the one that `CITEWIRE_PRECISION` names. Raises ModelError."""
    if precision != "auto":
        return precision
    named = os.environ.get(VARIABLE) or "auto"
    for known in get_args(Precision):
        if named == known:
            return known  # type: ignore[no-any-return]
    raise ModelError(f'{VARIABLE} is "{named}"; set it to {", ".join(get_args(Precision)[:-1])} or f32')


def values_rounded_together(processor: Processor | None = None) -> int:
    """Return how many values of what comes into a product of eight bits share a factor when they are rounded to these.

    0 without VNNI: then only the weights are of eight bits, and OpenVINO multiplies fractions.
    """
    here = this_processor() if processor is None else processor
    return GROUP if here.vnni else 0


@functools.cache
def this_processor() -> Processor:
    """Return what this processor computes in fast, within what `ONEDNN_MAX_CPU_ISA` lets oneDNN use.

    Like oneDNN it reads the variable once: it has to be set before the process starts. Only Linux lists the
    instructions; elsewhere a processor counts as one without VNNI and AMX.
    """
    capabilities = openvino_quietly().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return processor_of(frozenset(capabilities), _instructions(), most=os.environ.get(PLAYED, ""))


def processor_of(capabilities: frozenset[str], instructions: frozenset[str], *, most: str = "") -> Processor:
    """Return what a processor computes in fast.

    capabilities: as OpenVINO names them, whatever oneDNN may use. instructions: as Linux names them. most: the newest
    kind that oneDNN may use, by its own name for it; all where it is empty.
    """
    wide = "avx512_vnni" in instructions and most not in _NO_AVX512
    return Processor(
        bf16="BF16" in capabilities and most not in _NO_BF16,
        f16="FP16" in capabilities,
        vnni=(wide or "avx_vnni" in instructions) and most not in _NO_VNNI,
        amx="amx_tile" in instructions and most not in _NO_AMX,
    )


def _instructions() -> frozenset[str]:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return frozenset(next((line for line in lines if line.startswith("flags")), "").split())
    except OSError:
        return frozenset()


def _advice(precision: Precision) -> str:
    return f"set {VARIABLE} to" if precision == "auto" else "use the precision"
