"""A toxic as it is mounted on a line, and its bite on one connection. Pure."""

from dataclasses import replace
from itertools import count
from math import inf
from random import Random

from services.simulator.link import BYTES_PER_KB, HTTP_TYPES, Flips, Pace, Toxic


class Fitting:
    """A toxic as mounted on a line: it keeps identity and terms while its attributes change."""

    _numbers = count(1)

    def __init__(self, toxic: Toxic, now: float) -> None:
        self.number = next(self._numbers)
        self.toxic = toxic
        self.shared_pace = Pace(toxic.attributes.get("rate", 0), now)
        self.mounted_at = now
        self.has_begun = False  # told that it began, after a delay
        self.starts_at = now + toxic.starts_after_seconds
        lasts_seconds = toxic.expires_after_seconds
        self.ends_at = inf if lasts_seconds is None else now + lasts_seconds
        self.fired = 0  # connections it has bitten; of HTTP toxics, answers
        self._answers_seen = 0

    def is_on(self, now: float) -> bool:
        """Whether it has begun to bite and has not expired."""
        return self.starts_at <= now < self.ends_at

    def seen_at(self, now: float) -> Toxic:
        """Tell the toxic with what is left of its terms."""
        return replace(
            self.toxic,
            starts_after_seconds=max(0.0, self.starts_at - now),
            expires_after_seconds=None if self.ends_at == inf else max(0.0, self.ends_at - now),
        )

    def is_answers_turn(self) -> bool:
        """Count one more answer on the line; False while it is spared."""
        self._answers_seen += 1
        skip, times = self.toxic.attributes["skip"], self.toxic.attributes["times"]
        return self._answers_seen > skip and not (times and self.fired >= times)


class Bite:
    """What one fitting has done to one direction of one connection so far."""

    def __init__(self, fitting: Fitting, draw: Random, now: float) -> None:
        self.fitting = fitting
        self.luck = draw.random()  # Bites while luck < toxicity: never at 0, always at 1.
        self.since = now
        self.passed_bytes = 0
        self.flips = Flips(draw)
        self._own_pace = Pace(fitting.toxic.attributes.get("rate", 0), now)
        self._draw = draw
        self._has_fired = False

    @property
    def is_biting(self) -> bool:
        toxic = self.fitting.toxic
        if toxic.type in HTTP_TYPES:
            return toxic.toxicity > 0
        return self.luck < toxic.toxicity

    def fire(self) -> None:
        """Count this connection as bitten, once."""
        if not self._has_fired:
            self._has_fired = True
            self.fitting.fired += 1

    def strikes_answer(self) -> bool:
        """Whether an HTTP toxic bites the answer that begins now."""
        luck = self._draw.random()
        strikes = self.fitting.is_answers_turn() and luck < self.fitting.toxic.toxicity
        self.fitting.fired += strikes
        return strikes

    @property
    def pace(self) -> Pace:
        attributes = self.fitting.toxic.attributes
        pace = self.fitting.shared_pace if attributes["shared"] else self._own_pace
        pace.bytes_per_second = attributes["rate"] * BYTES_PER_KB
        return pace

    def __getitem__(self, attribute: str) -> int:
        return self.fitting.toxic.attributes[attribute]
