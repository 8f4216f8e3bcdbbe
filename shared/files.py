"""Files other processes wait for: there whole, or not there."""

import os
import secrets
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Put a file in its place in one step: whoever sees it can read all of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text)
    part.replace(path)


def secret_at(path: Path, size_bytes: int = 32) -> bytes:
    """The secret a file holds; made there at first need, for its owner's eyes alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(size_bytes))
        # Whoever made it first made it for all.
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return bytes.fromhex(path.read_text().strip())
