"""A teacher: shipped readers whose scores a network learns beside the labels.

Source: Hinton et al., Distilling the Knowledge in a Neural Network, 2015.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from qa.reader.model import ReaderModel
from qa.train.examples import Batch

_SPECIAL = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>"}
_ROWS = 4  # of a batch that one core computes at once

IntArray = npt.NDArray[np.int64]


class Teacher:
    """Scores the word pieces of a batch as the mean of several networks, which may have vocabularies of their own.

    Those vocabularies are BERT's words in another order. A network without token types stands two separators between
    question and passage.
    """

    def __init__(self, models: Sequence[ReaderModel], tokenizer: Tokenizer) -> None:
        """Take the networks' word pieces for those of `tokenizer`, the learner's."""
        self._models = [(model, _translation(tokenizer, Tokenizer.from_str(model.tokenizer))) for model in models]

    def scores(self, batch: Batch) -> tuple[torch.Tensor, ...]:
        """Return start, end and inside scores, (rows, length), and holds and several, (rows,)."""
        given = [_outputs(model, batch, table) for model, table in self._models]
        return tuple(torch.from_numpy(np.mean(tensors, axis=0)) for tensors in zip(*given, strict=True))


def _translation(own: Tokenizer, other: Tokenizer) -> IntArray:
    """Return the other tokenizer's id of each of the own word pieces."""
    vocabulary = other.get_vocab()
    table = np.zeros(own.get_vocab_size(), dtype=np.int64)
    for piece, number in own.get_vocab().items():
        special = _SPECIAL.get(piece, piece)
        table[number] = vocabulary[special if special in vocabulary else piece]
    return table


def _outputs(model: ReaderModel, batch: Batch, table: IntArray) -> list[npt.NDArray[np.float32]]:
    """Return a network's five outputs at the places of the batch's word pieces."""
    ids, mask, types = (t.numpy() for t in (batch.input_ids, batch.attention_mask, batch.token_type_ids))
    doubled = "token_type_ids" not in model.inputs
    second = types.argmax(1)[:, None]  # where the second text begins
    places = np.arange(ids.shape[1])[None] + (doubled & (np.arange(ids.shape[1])[None] >= second))
    given = {name: np.zeros((len(ids), ids.shape[1] + doubled), dtype=np.int64) for name in model.inputs}
    given["input_ids"][:] = model.pad_id
    if doubled:
        separator = np.take_along_axis(ids, second - 1, 1)
        np.put_along_axis(given["input_ids"], second, table[separator], 1)
        np.put_along_axis(given["attention_mask"], second, 1, 1)
    else:
        given["token_type_ids"][:] = types
    np.put_along_axis(given["input_ids"], places, np.where(mask == 1, table[ids], model.pad_id), 1)
    np.put_along_axis(given["attention_mask"], places, mask, 1)
    found: dict[int, tuple[npt.NDArray[np.float32], ...]] = {}
    parts = ({name: array[row : row + _ROWS] for name, array in given.items()} for row in range(0, len(ids), _ROWS))
    model.network.run(((part, n) for n, part in enumerate(parts)), found.__setitem__)
    outputs = [np.concatenate(tensors) for tensors in zip(*(found[n] for n in sorted(found)), strict=True)]
    return [np.take_along_axis(tensor, places, 1) if tensor.ndim > 1 else tensor for tensor in outputs]
