"""The text files of the repository, for the checks beside this file."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT_BYTES_MAX = 1_000_000
MADE_HERE = {".git", ".venv", ".tunggal", "__pycache__", "node_modules"}


def texts() -> Iterator[tuple[Path, str]]:
    """Every tracked file that is text, by its path from the root, with what it says."""
    for path in _paths():
        whole = ROOT / path
        if not whole.is_file() or whole.stat().st_size > TEXT_BYTES_MAX:
            continue
        try:
            yield path, whole.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def _paths() -> list[Path]:
    command = [
        "git",
        "-C",
        str(ROOT),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    try:
        listed = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):  # an archive, or no git
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        return sorted(path for path in found if not MADE_HERE & {*path.parts})
    return sorted(Path(name) for name in listed.stdout.split("\0") if name)
