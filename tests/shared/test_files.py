"""A file that others wait for is never seen half written."""

import threading
from pathlib import Path

import pytest

from shared.files import write_whole

pytestmark = pytest.mark.rules


def test_a_reader_sees_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "note"
    texts = {"a" * 200_000, "b" * 300_000}
    write_whole(path, "a" * 200_000)
    ended = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not ended.is_set():
            seen.add(path.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(100):
        for text in sorted(texts):
            write_whole(path, text)
    ended.set()
    reader.join()

    assert seen <= texts
    assert [one.name for one in tmp_path.iterdir()] == ["note"]
