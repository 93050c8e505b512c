"""The files in which the search views of a library are saved."""

from pathlib import Path

from embeddings.index.files import remove_pieces
from embeddings.index.vector_files import FILE_NAME as VECTOR_FILE
from embeddings.index.words import FILE_NAME as WORD_FILE

VIEW_FILES = (VECTOR_FILE, WORD_FILE)


def delete_view_files(folder: Path) -> None:
    """Delete what is saved of the views of the library in `folder`; they are made again."""
    for name in VIEW_FILES:
        (folder / name).unlink(missing_ok=True)
        remove_pieces(folder, name)
