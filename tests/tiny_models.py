"""Small models with random weights, saved by sentence-transformers itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

WORDS = "the a of to who led delegations talks minister said on monday in was were and not Paris paris".split()
TEXTS = [
    "Who led the delegations?",
    "  The minister SAID on Monday that talks were not in Paris. ",
    "talks " * 40,
    "a",
    "naïve cafés, “quoted” words & 東京 — Łódź 😀",
    "The delegations of the minister were in Paris; who led the talks was not said on Monday.",
]


@dataclass(frozen=True, slots=True)
class Tiny:
    """How a tiny model differs from the plainest one."""

    pooling: str | tuple[str, ...] = "mean"
    normalize: bool = True
    dense: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    default_prompt: str | None = None
    max_length: int = 48
    tokenizer_lowers: bool = True
    module_lowers: bool = False
    include_prompt: bool = True
    positions: int = 64


def save_tiny(folder: Path, tiny: Tiny, *, pickled: bool = False) -> Path:
    """Save a model of two layers and width 32 into `folder` and return it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as models

    torch.manual_seed(7)
    _save_transformer(folder / "transformer", tokenizer_lowers=tiny.tokenizer_lowers, positions=tiny.positions)
    transformer = models.Transformer(
        str(folder / "transformer"), max_seq_length=tiny.max_length, do_lower_case=tiny.module_lowers
    )
    pooling = models.Pooling(32, pooling_mode=tiny.pooling, include_prompt=tiny.include_prompt)
    modules: list[torch.nn.Module] = [transformer, pooling]
    if tiny.dense:
        modules.append(models.Dense(pooling.get_embedding_dimension(), 20))
    if tiny.normalize:
        modules.append(models.Normalize())
    model = SentenceTransformer(
        modules=modules, prompts=dict(tiny.prompts), default_prompt_name=tiny.default_prompt, device="cpu"
    )
    model.save(str(folder / "model"), create_model_card=False, safe_serialization=not pickled)
    return folder / "model"


def _save_transformer(folder: Path, *, tokenizer_lowers: bool, positions: int = 64) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    letters = [chr(code) for code in range(33, 127)]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *WORDS]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=tokenizer_lowers)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=positions,
        initializer_range=0.2,
    )
    fast.save_pretrained(folder)
    BertModel(config).save_pretrained(folder)


def save_tiny_reader(folder: Path, *, answers: bool = True) -> Path:
    """Save an extractive question-answering model of two layers, or its encoder alone, into `folder` and return it."""
    import torch
    from transformers import BertForQuestionAnswering, BertModel

    torch.manual_seed(11)
    _save_transformer(folder, tokenizer_lowers=True)
    if answers:
        BertForQuestionAnswering(BertModel.from_pretrained(folder).config).save_pretrained(folder)
    return folder
