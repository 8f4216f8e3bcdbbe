"""Write the settings into docs/OPERATIONS.md: `python -m deploy.checks.tell_settings`.

A test fails when the page differs from the settings classes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from services.central.settings import CentralSettings
from services.regional.settings import RegionalSettings
from services.simulator.settings import LineSettings
from shared.settings import ServiceSettings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "OPERATIONS.md"
BEGIN, END = "<!-- settings: written by deploy.checks.tell_settings -->", "<!-- /settings -->"


def tables() -> str:
    """One table for what both services take, one for each service's own, one for the line."""
    common = ServiceSettings.model_fields
    parts = [
        "Both services, as `TUNGGAL_REGIONAL_…` and `TUNGGAL_CENTRAL_…`:",
        _table("…", common),
    ]
    for title, kind in (("The region", RegionalSettings), ("The centre", CentralSettings)):
        own = {name: facts for name, facts in kind.model_fields.items() if name not in common}
        parts += [f"{title} alone:", _table(kind.PREFIX, own)]
    parts += [
        "The simulated line (not `…_FILE`):",
        _table(str(LineSettings.model_config["env_prefix"]), LineSettings.model_fields),
    ]
    return "\n\n".join(parts)


def _table(prefix: str, fields: dict[str, FieldInfo]) -> str:
    rows = [
        f"| `{prefix}{name.upper()}` | {_default(facts)} | {_meaning(facts)} |"
        for name, facts in fields.items()
    ]
    return "\n".join(["| name | default | meaning |", "|---|---|---|", *rows])


def _default(facts: FieldInfo) -> str:
    default: Any = facts.get_default(call_default_factory=True)
    return "" if default is None or default == [] else f"`{default}`"


def _meaning(facts: FieldInfo) -> str:
    words = [facts.description] if facts.description else []
    options = get_args(facts.annotation)
    if options and all(isinstance(one, str) for one in options):
        words.append(" or ".join(f"`{one}`" for one in options))
    if SecretStr in options:
        words.append("never shown")
    words += list(_bounds(facts))
    return "; ".join(word.rstrip(".") for word in words)


def _bounds(facts: FieldInfo) -> Iterator[str]:
    for bound in facts.metadata:
        for sign, name in (("≥", "ge"), (">", "gt"), ("≤", "le"), ("<", "lt")):
            if (value := getattr(bound, name, None)) is not None:
                yield f"{sign} {value}"


def with_tables(text: str) -> str:
    """The page with its settings replaced. Raises ValueError if it has lost its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("docs/OPERATIONS.md has lost the marks its settings stand between")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def main() -> int:
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stderr.write(f"told the settings in {PAGE.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
