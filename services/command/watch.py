"""How the running system stands, asked of its own doors every second or two."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from services.command.keys import KeyFolder
from services.command.local import LINE_NAME, REGION, Addresses
from shared.clock import Clock
from shared.roles import Role, make_token

ANSWER_SECONDS_MAX = 2.0
TOKEN_LIFETIME = timedelta(hours=1)
RENEW_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Standing:
    """None where the door did not answer this time."""

    line: str | None
    waiting: int | None
    oldest_at: datetime | None
    decided: int | None
    sample: str | None = None  # how far the sample city is; None: there is none


class Watch:
    """Asks with an operations token of its own, renewed in time."""

    def __init__(self, addresses: Addresses, keys: KeyFolder, clock: Clock) -> None:
        self._addresses = addresses
        self._keys = keys
        self._clock = clock
        self._http = httpx.Client(timeout=ANSWER_SECONDS_MAX, trust_env=False)
        self._token = ""
        self._renew_at: datetime | None = None

    def look(self) -> Standing:
        queue = self._get(f"{self._addresses.regional}/v1/queue")
        outcomes = self._get(f"{self._addresses.central}/v1/outcomes")
        proxy = self._get(f"{self._addresses.control}/proxies/{LINE_NAME}")
        return Standing(
            line=line_in_words(proxy, queue),
            waiting=queue["waiting"] if queue else None,
            oldest_at=_moment(queue["oldest_waiting_since"]) if queue else None,
            decided=sum(outcomes["regions"].get(REGION, {}).values()) if outcomes else None,
        )

    def close(self) -> None:
        self._http.close()

    def _get(self, address: str) -> Any:
        now = self._clock.now()
        if self._renew_at is None or now >= self._renew_at:
            key, roles = self._keys.issuer_key(), [Role.OPERATIONS]
            self._token = make_token(key, "local-watch", roles, None, TOKEN_LIFETIME, now)
            self._renew_at = now + TOKEN_LIFETIME - RENEW_BEFORE
        try:
            answer = self._http.get(address, headers={"authorization": f"Bearer {self._token}"})
            return answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError):
            return None


def line_in_words(proxy: Any, queue: Any) -> str | None:
    """What was done to the line, and what the region has noticed of it."""
    if proxy is None or queue is None:
        return None
    noticed = {"unknown": "not yet used"}.get(queue["line"]["state"], queue["line"]["state"])
    if not proxy["enabled"]:
        return "cut"
    if proxy["toxics"]:
        faults = ", ".join(sorted({toxic["type"] for toxic in proxy["toxics"]}))
        return f"{noticed}, under {faults}"
    return "open, the region tries again in seconds" if noticed == "down" else noticed


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
