import re
from pathlib import Path

import pytest
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase

from deploy.checks.tell_settings import BEGIN, END, PAGE, with_tables
from services.command.exits import ExitCode
from shared.refusals import known_refusals
from shared.telemetry import metrics
from tests.town import Town

pytestmark = pytest.mark.rules

ROOT = Path(__file__).resolve().parents[2]


def told() -> str:
    return PAGE.read_text(encoding="utf-8")


def names_of_metrics() -> set[str]:
    """As Prometheus shows them: a counter's name ends in _total."""
    return {
        f"{one._name}_total" if isinstance(one, Counter) else one._name
        for one in vars(metrics).values()
        if isinstance(one, MetricWrapperBase)
    }


def test_the_settings_are_the_settings_classes() -> None:
    assert told() == with_tables(told()), "tell them anew: python -m deploy.checks.tell_settings"


def test_every_metric_is_explained_and_no_other() -> None:
    explained = set(re.findall(r"^\| `([a-z_]+)` \|", told(), re.MULTILINE))

    assert explained == names_of_metrics()


def test_every_exit_code_is_named() -> None:
    (line,) = re.findall(r"^Exit codes of `tunggal`: (.+)$", told(), re.MULTILINE)

    assert [int(code) for code in re.findall(r"\b\d+\b", line)] == list(ExitCode)


def test_every_event_it_names_is_logged_somewhere() -> None:
    events = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", told()))
    code = "".join(
        path.read_text() for top in ("services", "shared") for path in (ROOT / top).rglob("*.py")
    )

    assert {one for one in events if f'"{one}"' not in code} == set()


def test_every_problem_it_names_has_a_page() -> None:
    codes = {kind.code for kind in known_refusals()}
    by_hand = re.sub(f"{BEGIN}.*{END}", "", told(), flags=re.DOTALL)
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", by_hand))

    assert named
    assert named <= codes
    assert Town  # its import loads both services, and with them every refusal
