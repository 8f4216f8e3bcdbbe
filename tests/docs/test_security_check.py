"""`make security` believes no silence: a figure that is missing or out of bounds fails."""

import json
from pathlib import Path

import pytest

from deploy.checks import security

pytestmark = pytest.mark.rules

GOOD = {
    "operations": 300,
    "matrix_cases": 9000,
    "matrix_failures": 0,
    "canaries": 3,
    "canary_leaks": 0,
    "tamper_kinds": 4,
    "tamper_found": 4,
    "fuzz_cases": 1000,
    "fuzz_5xx": 0,
    "loris_connections_held": 200,
    "flood_latency_ratio": 1.3,
    "asvs_l2_items": 253,
    "asvs_l2_met": 150,
}


def test_good_figures_pass() -> None:
    assert security.wrong(GOOD, security.FIGURES) == {}


@pytest.mark.parametrize("name", security.FIGURES)
def test_a_missing_figure_is_told(name: str) -> None:
    facts = {key: value for key, value in GOOD.items() if key != name}

    assert "missing" in security.wrong(facts, security.FIGURES)[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("operations", 0),
        ("matrix_failures", 1),
        ("canary_leaks", 1),
        ("tamper_kinds", 3),
        ("tamper_found", 3),
        ("fuzz_5xx", 1),
        ("loris_connections_held", 0),
        ("flood_latency_ratio", 2.1),
        ("flood_latency_ratio", 0),
        ("asvs_l2_met", 254),
        ("canaries", "many"),
        ("canary_leaks", False),
    ],
)
def test_a_figure_out_of_bounds_is_told(name: str, value: object) -> None:
    assert name in security.wrong(GOOD | {name: value}, security.FIGURES)


def test_the_table_is_printed_and_the_exit_says_whether_all_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report.json"
    monkeypatch.setattr("sys.argv", ["security"])
    assert security.main(report) == 1

    report.write_text(json.dumps(GOOD))
    assert security.main(report) == 0
    assert "flood_latency_ratio" in capsys.readouterr().out

    monkeypatch.setattr("sys.argv", ["security", "--full"])
    assert security.main(report) == 1
    report.write_text(json.dumps(GOOD | {"sealing_speed_ratio": 0.9}))
    assert security.main(report) == 0
