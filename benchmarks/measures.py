"""What several benchmarks measure."""

from pathlib import Path

from embeddings.encoder.encoder import Encoder


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files in a folder and the folders in it."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def resident_mb() -> dict[str, int] | None:
    """Return the process's own memory, and that of mapped files, which the system takes back when it needs it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    kb = dict(line.split(":") for line in status.read_text().splitlines() if line.startswith("Rss"))
    return {
        "own": int(kb["RssAnon"].split()[0]) // 1024,
        "mapped": int(kb["RssFile"].split()[0]) // 1024,
    }


def warm_up(encoder: Encoder) -> None:
    """Encode questions of every usual length, four times, so that each core's stream sees each length."""
    for _ in range(4):
        for words in range(1, 60, 8):
            encoder.encode_question("who " * words)
