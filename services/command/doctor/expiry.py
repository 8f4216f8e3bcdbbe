"""Keys and certificates that end: an expired one looks like bad weather to its owner."""

import json
import ssl
from collections.abc import Mapping
from pathlib import Path

from services.command.doctor.findings import Absent, Good, State, Trouble, Verdict
from services.regional.central_client.credentials import life_of_certificate, tls_of
from shared.clock import Clock
from shared.lives import Life, LifeState, life_of

CERTIFICATE = "TUNGGAL_REGIONAL_CLIENT_CERTIFICATE"
CERTIFICATE_KEY = "TUNGGAL_REGIONAL_CLIENT_KEY"
AUTHORITY = "TUNGGAL_REGIONAL_CENTRE_CA"
KEY_FILES = ("TUNGGAL_CENTRAL_KEY_FILE", "TUNGGAL_REGIONAL_KEY_FILE")


def expiry(folder: Path, environment: Mapping[str, str], clock: Clock) -> Verdict:
    """The first to end, of private keys here and of the region's TLS certificate."""
    lives = _lives_of_keys(folder, environment)
    if named := environment.get(CERTIFICATE):
        try:
            lives[named] = life_of_certificate(Path(named))
        except (OSError, ValueError):
            return Trouble(f"{named} is no certificate that can be read", f"Correct {CERTIFICATE}.")
    if not lives:
        return Absent("no key here says when it ends")
    now = clock.now()
    name, first = min(lives.items(), key=lambda one: one[1].not_after)
    days = int(first.seconds_left(now) // 86_400)
    until = first.not_after.date().isoformat()
    renew = (
        "Have a new certificate issued, and restart the region."
        if name == named
        else "Make the next key, pin its public half at the other side, then restart with it."
    )
    match first.state(now):
        case LifeState.EXPIRED:
            return Trouble(f"{name} has expired on {until}", renew)
        case LifeState.RENEW:
            return Trouble(f"{name} ends in {days} days, on {until}", renew, State.WARNING)
    return Good(f"the first to end is {name}, in {days} days")


def _lives_of_keys(folder: Path, environment: Mapping[str, str]) -> dict[str, Life]:
    named = [Path(environment[name]) for name in KEY_FILES if environment.get(name)]
    here = [one for one in (folder / "keys").glob("*.json") if ".jwks." not in one.name]
    found = {}
    for path in {*named, *here}:
        try:
            life = life_of(json.loads(path.read_text()))
        except (OSError, ValueError, AttributeError):
            continue  # the check of keys names it
        if life is not None:
            found[str(path)] = life
    return found


def context_of(environment: Mapping[str, str]) -> ssl.SSLContext:
    """TLS as the region speaks it: by its settings. Raises OSError."""
    authority, certificate, key = (
        Path(found) if (found := environment.get(name)) else None
        for name in (AUTHORITY, CERTIFICATE, CERTIFICATE_KEY)
    )
    tls = tls_of(authority, certificate, key)
    return tls.context if tls else ssl.create_default_context()
