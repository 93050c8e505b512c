"""The mean of the weights of readers that were trained on from each other: `python -m qa.train.average IN IN... OUT`.

Ends of a training that went on with its rate raised again lie around a better point than any of them (Izmailov et al.,
Averaging Weights Leads to Wider Optima and Better Generalization, 2018).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save

from corpus.errors import CitewireError, ModelError
from embeddings.encoder.model_files import write_beside


def average(paths: Sequence[Path], out: Path) -> None:
    """Write the mean of files of one network's weights. Raises ModelError when they are of different ones."""
    with ExitStack() as stack:
        files = [stack.enter_context(safe_open(path, framework="pt")) for path in paths]
        names = sorted(files[0].keys())
        if any(sorted(file.keys()) != names for file in files):
            raise ModelError("the files hold weights of different networks: average readers of one kind")
        tensors = {name: torch.stack([file.get_tensor(name).float() for file in files]).mean(0) for name in names}
        of = [json.loads(file.metadata()["citewire"]) for file in files]
    tensors = {name: tensor.half() for name, tensor in tensors.items()}
    write_beside(out, save(tensors, metadata={"citewire": json.dumps({"average": of}, sort_keys=True)}))


def main(arguments: Sequence[str] | None = None) -> int:
    """Average as the options say; 1 with one sentence when that fails."""
    parser = argparse.ArgumentParser(prog="python -m qa.train.average", description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, nargs="+", metavar="IN", help="reader.safetensors of a training")
    parser.add_argument("out", type=Path, metavar="OUT")
    options = parser.parse_args(arguments)
    try:
        average(options.weights, options.out)
    except (CitewireError, OSError) as error:
        print(f"qa.train.average: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
