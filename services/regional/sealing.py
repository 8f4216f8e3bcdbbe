"""A region's means of sealing, from its settings."""

import json
from pathlib import Path

import structlog

from services.regional.outbox.copies import CARRIED, Seals, seals_of
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database, Transaction
from shared.sealed.keys import SealingTo, SecretKeys
from shared.sealed.sealer import Sealer
from shared.sealing import KeyRing
from shared.settings import sealing_file_of

PURPOSE = "tunggal working copies"

log = structlog.get_logger()


def give_seals(settings: RegionalSettings, database: Database, clock: Clock) -> Seals:
    """Let every transaction of this database read what its office may."""
    seals = seals_for(settings, clock)
    database.carry(CARRIED, seals)
    return seals


def seals_recordings(transaction: Transaction) -> bool:
    """Whether what is recorded now is sealed; else the region has no key of the centre."""
    seals = seals_of(transaction)
    return seals is not None and seals.sealer is not None


def seals_for(settings: RegionalSettings, clock: Clock) -> Seals:
    """Read the keys, or make the region's own at the first start."""
    copies = SecretKeys(KeyRing.load_or_create(working_key_file(settings)), PURPOSE)
    to = sealing_to(settings)
    if to is None:
        log.warning("sealing.no_key_of_the_centre")
    return Seals(copies, Sealer(to, copies, clock) if to else None)


def working_key_file(settings: RegionalSettings) -> Path:
    return settings.working_key_file or sealing_file_of(settings.key_file)


def sealing_to(settings: RegionalSettings) -> SealingTo | None:
    """The centre's key that recordings are sealed to: pinned in a file, or none."""
    named = settings.sealing_jwks
    if named is None:
        if settings.centre_jwks.startswith(("http://", "https://")):
            return None
        named = Path(settings.centre_jwks)
    return SealingTo.of(json.loads(named.read_text()))
