"""Draw docs/JOURNEY.md from the two transition tables: `python -m deploy.checks.draw_journey`.

The tables are the truth; a test fails when the page says otherwise.
"""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from services.central.journey import rules as central
from services.regional.journey import rules as regional
from shared.contracts.outcomes import REMEDIES, Outcome

PAGE = Path(__file__).resolve().parents[2] / "docs" / "JOURNEY.md"

StageT = TypeVar("StageT", bound=StrEnum)
EventT = TypeVar("EventT", bound=StrEnum)


def drawing_of(transitions: Mapping[tuple[StageT, EventT], StageT], first: StageT) -> str:
    """A Mermaid state diagram; a stage nothing leads out of is an end."""
    left = {before for before, _ in transitions}
    ends = dict.fromkeys(after for after in transitions.values() if after not in left)
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    lines += [
        f"    {before} --> {after}: {event}" for (before, event), after in transitions.items()
    ]
    lines += [f"    {end} --> [*]" for end in ends]
    return "```mermaid\n" + "\n".join(lines) + "\n```"


def statuses() -> str:
    """The officers' word for each stage of a region."""
    rows = ["| stage | official status |", "|---|---|", "| recorded | `BIO_CAPTURED` |"]
    for stage in regional.Stage:
        if stage is regional.Stage.UNSETTLED:
            rows.append(f"| {stage} | the outcome's own name |")
        else:
            rows.append(f"| {stage} | `{regional.official_status(stage, None)}` |")
    return "\n".join(rows)


def outcomes() -> str:
    """Every outcome with who acts next and what is to be done."""
    rows = [
        "| outcome | who acts | what to do | may this NIK record again |",
        "|---|---|---|---|",
    ]
    for outcome in Outcome:
        remedy = REMEDIES[outcome]
        again = "yes" if remedy.nik_may_record_again else "no"
        rows.append(f"| `{outcome}` | {remedy.owner} | {remedy.action} | {again} |")
    return "\n".join(rows)


def page() -> str:
    """The whole of docs/JOURNEY.md."""
    return f"""\
# The journey of a recording

Drawn from the code by `python -m deploy.checks.draw_journey`; do not edit by hand.
Stages are few and ours; the statuses officers know follow from them. A stage is never stored: it is
folded from what happened ([ADR 9](adr/0009-the-stage-is-folded-from-facts.md)).

## At the region

`services/regional/journey/rules.py`

{drawing_of(regional.TRANSITIONS, regional.Stage.QUEUED)}

{statuses()}

## At the centre

`services/central/journey/rules.py`

{drawing_of(central.TRANSITIONS, central.Stage.RECEIVED)}

## Outcomes of penunggalan

`shared/contracts/outcomes.py`

{outcomes()}
"""


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    sys.stderr.write(f"drew {PAGE.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
