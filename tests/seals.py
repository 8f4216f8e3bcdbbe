"""Keys of sealing for tests: a centre's vault, and a region that seals to it."""

import os
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.central.vault.steps import Vault
from services.regional.outbox.copies import Seals
from shared.clock import Clock, ManualClock
from shared.sealed.keys import SealingKeys, SealingTo, SecretKeys
from shared.sealed.opener import Opener
from shared.sealed.sealer import Sealer
from shared.sealing import SECRET_BYTES, KeyRing, Secret
from tests.recordings import NOON


def sealing_keys(*kids: str) -> SealingKeys:
    return SealingKeys({kid: X25519PrivateKey.generate() for kid in kids or ("centre-seal-1",)})


def secret_keys(*kids: str) -> SecretKeys:
    kept = [Secret(kid, os.urandom(SECRET_BYTES)) for kid in kids or ("secret-1",)]
    return SecretKeys(KeyRing(Path("/nowhere/ring.json"), kept), "tests")


def a_vault(keys: SealingKeys | None = None, keks: SecretKeys | None = None) -> Vault:
    return Vault(Opener(keys or sealing_keys()), keks or secret_keys())


def seals_to(keys: SealingKeys, clock: Clock | datetime = NOON) -> Seals:
    """A region's means: it seals to the first of these keys."""
    to = SealingTo.of({"keys": keys.public_jwks})
    assert to is not None
    copies = secret_keys()
    return Seals(
        copies, Sealer(to, copies, ManualClock(clock) if isinstance(clock, datetime) else clock)
    )
