"""The README is true: its tour runs as it stands, and every link leads somewhere."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command.command_world import PROJECT, environment
from tests.command.up_world import place, up

README = PROJECT / "README.md"
DOCUMENTS = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)[^)]*\)")
PORTS = {"central": 8700, "regional": 8710, "line": 8720, "control": 8474}
TOUR_SECONDS_MAX = 60
MARK = "@@ block"


@dataclass(frozen=True, slots=True)
class Block:
    """Commands of the tour with the lines the README shows after them."""

    commands: str
    shown: list[str]


def tour() -> list[Block]:
    section = README.read_text().split("## A five-minute tour")[1].split("\n## ")[0]
    blocks: list[Block] = []
    for language, text in FENCE.findall(section):
        if language == "sh":
            blocks.append(Block(text, []))
        else:
            blocks[-1].shown.extend(text.splitlines())
    return blocks


def with_ports(text: str, addresses: dict[str, str]) -> str:
    for name, port in PORTS.items():
        text = text.replace(f":{port}", ":" + addresses[name].rsplit(":", 1)[1])
    return text


@pytest.fixture(scope="module")
def said() -> Iterator[list[tuple[str, str]]]:
    """What the README shows after each block, and what it printed, pasted into one bash.

    It runs in a folder that looks like ours.
    """
    blocks = tour()
    with place() as folder, up(folder) as running:
        (folder / "docs").symlink_to(PROJECT / "docs")
        (folder / ".venv" / "bin").mkdir(parents=True)
        command = folder / ".venv" / "bin" / "tunggal"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m services.command.main "$@"\n')
        command.chmod(0o755)
        script = "set -e\n" + "".join(f"echo '{MARK}'\n{block.commands}" for block in blocks[1:])
        ran = subprocess.run(
            ["bash", "-c", with_ports(script, running.addresses)],
            cwd=folder,
            env=environment({}),
            check=False,
            capture_output=True,
            text=True,
            timeout=TOUR_SECONDS_MAX,
        )
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
        shown = [with_ports("\n".join(block.shown), running.addresses) for block in blocks[1:]]
        yield list(zip(shown, ran.stdout.split(MARK)[1:], strict=True))


def test_the_tour_starts_with_make_up_and_that_starts_what_the_test_started() -> None:
    assert tour()[0].commands == "make up EMPTY=1\n"
    recipe = (PROJECT / "Makefile").read_text().split("\nup:")[1].split("\n\n")[0]
    assert recipe.endswith("tunggal up $(if $(EMPTY),--empty)")


def test_the_tour_prints_what_the_readme_shows(said: list[tuple[str, str]]) -> None:
    compared = 0
    for expected, printed in said:
        lines = iter(printed.splitlines())
        for line in expected.splitlines():
            pattern = ".*".join(re.escape(part) for part in line.split("…"))
            assert any(re.fullmatch(pattern, one) for one in lines), f"{line}\nnot in\n{printed}"
            compared += 1
    assert compared > 10


def test_the_test_command_of_the_readme_is_the_one_every_change_is_tested_with() -> None:
    assert "$ make test\n" in README.read_text()
    assert "\nmake test\n" in (PROJECT / ".ci" / "run").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_link_leads_to_a_file(document: Path) -> None:
    broken = [
        target
        for target in LINK.findall(document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_every_exit_code_is_in_the_reference() -> None:
    from services.command.exits import ExitCode

    reference = (PROJECT / "docs" / "COMMAND.md").read_text()
    assert all(f"\n| {code.value} | " in reference for code in ExitCode)
