"""How long reading takes: Citewire's reader beside a reader of roberta-base's size run by PyTorch.

`python -m benchmarks.reading [--reader NAME]` reads one question with 16 passages of about 150 word pieces,
their headings and the sentences before them, many times in turn. The other network has random weights, which take as
long as trained ones, and is run as Haystack's ExtractiveReader runs it: all passages in one padded batch, in 32 bits.
"""

import argparse
import statistics
import time
from collections.abc import Callable

from benchmarks.texts import paragraphs
from qa.reader.model import DEFAULT_READER
from qa.reader.protocol import ReadPassage, ReadResult
from qa.reader.reader import open_reader

QUESTION = "Who led the delegation that came to the talks on water in Geneva?"
TITLE = "Delegations meet for two days of talks on water"
BEFORE = "The hosts had put up rooms for the guests. Nobody knew how long they would stay."
PASSAGES, PIECES, ROUNDS = 16, 150, 9


def main() -> None:
    """Measure both in turn and print the medians and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--reader", default=DEFAULT_READER)
    reader = open_reader(parser.parse_args().reader)
    texts, source = paragraphs(PASSAGES)
    texts = [_cut(text) for text in texts]
    passages = [ReadPassage(text, TITLE, "Geneva Star", "2023-03-07", BEFORE) for text in texts]
    other = _roberta_sized()
    ours, theirs = [], []

    def read() -> ReadResult:
        return reader.read(QUESTION, passages)

    read()
    for _ in range(ROUNDS):
        ours.append(_milliseconds(read))
        theirs.append(_milliseconds(other))
    print(f"{PASSAGES} passages of about {PIECES} word pieces ({source})")
    print(f"the reader {reader.name}: {statistics.median(ours):.0f} ms at the median")
    print(f"roberta-base's size in PyTorch: {statistics.median(theirs):.0f} ms at the median")
    print(f"ratio {statistics.median(theirs) / statistics.median(ours):.1f}")


def _cut(text: str) -> str:
    """Return as much of a paragraph as has about so many word pieces: 4.4 characters each, in news."""
    return text[: int(4.4 * PIECES)]


def _roberta_sized() -> Callable[[], object]:
    import torch
    from transformers import RobertaConfig, RobertaForQuestionAnswering

    network = RobertaForQuestionAnswering(RobertaConfig(vocab_size=50265, max_position_embeddings=514)).eval()
    ids = torch.randint(5, 50_000, (PASSAGES, PIECES + 20))
    mask = torch.ones_like(ids)

    def run() -> object:
        with torch.inference_mode():
            return network(input_ids=ids, attention_mask=mask)

    return run


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
