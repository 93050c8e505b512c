"""Citewire's reader as a model that every tool can load, so that all answer with the same network."""

from pathlib import Path

import torch
from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

from qa.reader.model import DEFAULT_READER, OWN_READERS
from qa.reader.network import ReaderNetwork, load_weights


def save_reader(base: Path, folder: Path) -> Path:
    """Write the reader on the base model's embeddings as a BERT for question answering, and return the folder.

    Its scores of beginning and end are the same; the score of holding an answer has no place in such a model.
    """
    own = ReaderNetwork(base)
    load_weights(own, Path(__file__).parents[2] / "qa" / "reader" / OWN_READERS[DEFAULT_READER].weights)
    network = BertForQuestionAnswering(BertConfig.from_pretrained(base))
    network.bert.load_state_dict(own.encoder.state_dict())
    with torch.no_grad():
        network.qa_outputs.weight.copy_(own.span.weight)
        network.qa_outputs.bias.copy_(own.span.bias)
    network.save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    return folder
