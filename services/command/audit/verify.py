"""Hold a chain against its own hashes, its signed checkpoints, and what witnesses kept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.command.audit.source import Source, mark_of
from shared.audit.verifying import Finding, Signed, Verifier
from shared.signing import BadSignature, PinnedKeys


class WitnessNotTheirs(Exception):
    """A word that was given as testimony is not signed by the owner of the chain."""


@dataclass(frozen=True, slots=True)
class Verified:
    size: int
    checkpoints: int
    witnesses: int
    forged: list[int]
    findings: list[Finding]

    @property
    def first(self) -> Finding | None:
        return self.findings[0] if self.findings else None


async def verify(source: Source, keys: PinnedKeys, testimony: list[str]) -> Verified:
    """testimony: signed checkpoints that a witness kept. Raises WitnessNotTheirs."""
    own = source.signed(keys)
    seen = []
    for jws in testimony:
        try:
            seen.append(Signed(mark_of(keys, jws, source.chain)))
        except BadSignature as doubt:
            raise WitnessNotTheirs from doubt
    verifier = Verifier(source.chain, [*own, *seen])
    async for page in source.pages:
        if not verifier.take(page):
            break
    return Verified(
        verifier.size,
        len(own),
        len(seen),
        source.forged,
        verifier.findings(source.head, own, seen),
    )


def testimony_in(path: Path) -> list[str]:
    """Checkpoints in a file: a bare one, or whatever JSON a region's `/v1/audit` gave.

    Raises ValueError for a file without any, OSError.
    """
    text = path.read_text().strip()
    if text.count(".") == 2 and not text.startswith("{"):
        return [text]
    found = list(dict.fromkeys(_checkpoints(json.loads(text))))
    if not found:
        raise ValueError("no checkpoint in it")
    return found


def _checkpoints(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        for key, value in told.items():
            if key == "checkpoint" and isinstance(value, str):
                yield value
            else:
                yield from _checkpoints(value)
    elif isinstance(told, list):
        for one in told:
            yield from _checkpoints(one)
