"""Hand a key in, and do what the centre's word on it says. Safe to repeat, and to be cut off."""

from dataclasses import dataclass

import structlog

from services.regional.central_client.client import CentralClient, Refused, Unknown
from services.regional.central_client.keys import hand_in
from services.regional.central_client.own_key import OwnKey, next_of
from services.regional.keys.rules import Move, plan
from shared.clock import Clock
from shared.contracts.region_keys import KeyWord, is_enrolled, kid_of
from shared.lives import Life
from shared.signing import SigningKey, new_key, write_key

log = structlog.get_logger()


@dataclass(slots=True)
class Renewal:
    """This region's key and how to have the next one let in."""

    own: OwnKey
    client: CentralClient
    clock: Clock
    days: int

    def planned(self) -> Move:
        """What is to be done now. Raises OSError, ValueError, KeyError for a harmed next key."""
        present = self.own.present
        has_next = self.own.next is not None
        return plan(present.kid, present.life, has_next=has_next, now=self.clock.now())

    def make_next(self) -> SigningKey:
        """The key to follow, made once: on disk before anybody hears of it."""
        found = self.own.next
        if found is None:
            found = enrolled_key(self.own.region)
            write_key(next_of(self.own.path), found)
        return found

    async def move(self) -> KeyWord | Refused | Unknown | None:
        """One move; None when there is nothing to do."""
        match self.planned():
            case Move.REST:
                return None
            case Move.ASK:
                return await self.ask()
            case Move.MAKE_NEXT:
                self.make_next()
        return await self.hand_in_next()

    async def ask(self) -> KeyWord | Refused | Unknown:
        """How the present key stands; once it counts, its file says until when."""
        present = self.own.present
        word = await hand_in(self.client, present, self.days, is_vouched=False)
        if isinstance(word, KeyWord) and word.state == "active":
            self.own.keep(self._until(present, word))
        return word

    async def hand_in_next(self) -> KeyWord | Refused | Unknown:
        present, following = self.own.present, self.make_next()
        word = await hand_in(self.client, following, self.days, is_vouched=True)
        if isinstance(word, KeyWord) and word.state == "active":
            self.own.keep(self._until(following, word))
            log.warning("key.rotated", region=self.own.region, old=present.kid, new=following.kid)
        return word

    def _until(self, key: SigningKey, word: KeyWord) -> SigningKey:
        kid = key.kid if is_enrolled(key.kid) else kid_of(self.own.region, key.x)
        life = Life(self.clock.now(), word.expires_at) if word.expires_at else None
        return key.called(kid, life)


def enrolled_key(region: str) -> SigningKey:
    """A new key with the name that enrolment gives it."""
    made = new_key(region)
    return made.called(kid_of(region, made.x))
