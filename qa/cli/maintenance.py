"""The commands for maintaining a library: check, repair, backup, restore, copy."""

import argparse
from pathlib import Path

from corpus.errors import UsageError
from corpus.store.backup import back_up, restore
from corpus.store.records import Counts
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.library.maintenance import check_library, copy_library, repair_library
from embeddings.opening import open_library_at, open_or_create_library_at
from qa.cli.opening import library_folder
from qa.output.plain_text import plural, say


def check_command(options: argparse.Namespace) -> int:
    """Print the faults of the library, one per line. Return 1 if there are any."""
    folder = library_folder(options)
    faults = 0
    for fault in check_library(folder):
        faults += 1
        print(f"{fault.where}: {fault.what}")
    if not faults:
        print(f"{folder}: sound")
        return 0
    say(f'{folder} has {plural(faults, "fault")}: run "citewire repair", or restore the library from a backup')
    return 1


def repair_command(options: argparse.Namespace) -> int:
    """Repair the library. Return 1 if something is lost."""
    folder = library_folder(options)
    report = repair_library(folder, lambda name: load_encoder(name or DEFAULT_MODEL))
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
    counts = back_up(library_folder(options), Path(options.file), overwrite=options.overwrite)
    print(f"{options.file}: {_held(counts)}, verified")
    return 0


def restore_command(options: argparse.Namespace) -> int:
    """Restore the library from a backup."""
    folder = library_folder(options)
    counts = restore(Path(options.file), folder, overwrite=options.overwrite)
    print(f"{folder}: {_held(counts)}, verified")
    return 0


def _held(counts: Counts) -> str:
    return f"{counts.articles:,} articles in {counts.versions:,} versions, {counts.passages:,} passages"


def copy_command(options: argparse.Namespace) -> int:
    """Copy a library and verify the copy."""
    if options.source_library == options.target_library:
        raise UsageError("both names are the same: name another place to copy to")
    with (
        open_library_at(options.source_library) as source,
        open_or_create_library_at(options.target_library, encoder=lambda: source.encoder) as target,
    ):
        done = copy_library(source, target)
    print(
        f"{options.target_library}: {done.copied:,} articles copied, {done.before:,} were there; "
        f"all verified, {done.origins:,} sources"
    )
    return 0
