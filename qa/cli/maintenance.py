"""The commands that look after a library: check, repair, backup, restore."""

import argparse
import sys
from pathlib import Path

from corpus.store.backup import back_up, restore
from corpus.store.records import Counts
from embeddings.encoder.encoder import Encoder, load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.library.maintenance import check_library, repair_library
from qa.cli.opening import folder_to_change


def check_command(options: argparse.Namespace) -> int:
    """Name every fault of the library, one a line; 1 when there is one."""
    folder = folder_to_change(options)
    faults = 0
    for fault in check_library(folder):
        faults += 1
        print(f"{fault.where}: {fault.what}")
    if not faults:
        print(f"{folder}: sound")
        return 0
    print(
        f'citewire: {folder} has {faults:,} fault{"" if faults == 1 else "s"}: run "citewire repair", '
        "or restore the library from a backup",
        file=sys.stderr,
    )
    return 1


def repair_command(options: argparse.Namespace) -> int:
    """Make again what is damaged; 1 when something is lost."""
    folder = folder_to_change(options)
    report = repair_library(folder, _load)
    for what in report.healed:
        print(f"repaired: {what}")
    for what in report.lost:
        print(f"lost: {what}")
    if report.copy is not None:
        print(f"{report.copy} is the damaged database as it was: delete it when nothing in it is wanted any more")
    print(f"{folder}: " + ("sound now" if report.healed or report.lost else "sound, nothing to repair"))
    return 1 if report.lost else 0


def backup_command(options: argparse.Namespace) -> int:
    """Write the library to one file."""
    counts = back_up(folder_to_change(options), Path(options.file), overwrite=options.overwrite)
    print(f"{options.file}: {_held(counts)}, verified")
    return 0


def restore_command(options: argparse.Namespace) -> int:
    """Make a backup the library."""
    folder = folder_to_change(options)
    counts = restore(Path(options.file), folder, overwrite=options.overwrite)
    print(f"{folder}: {_held(counts)}, verified")
    return 0


def _load(name: str | None) -> Encoder:
    return load_encoder(name or DEFAULT_MODEL)


def _held(counts: Counts) -> str:
    return f"{counts.articles:,} articles in {counts.versions:,} versions, {counts.passages:,} passages"
