"""A region of the simulation: stations, outbox, uplinks, feed readers and desks that print."""

from typing import Any, Final

from services.command.storm.books import Card
from services.command.storm.core.centre import Centre
from services.command.storm.core.protocol import Head, Page, Protocol
from services.command.storm.core.world import World
from services.regional.feed_reader.rules import PageDoesNotFit
from services.regional.uplink.rules import Line, Meaning, Probe, Reached, Rest, Send

ENVELOPE_BYTES: Final = 2_300
RETRY_CAP_SECONDS: Final = 300.0
DOWN_SECONDS_MEAN: Final = 300.0
PEOPLE_SECONDS: Final = 600.0  # until somebody has looked at two senders in one name
PRINT_SECONDS_MEAN: Final = 1_800.0
AGAIN_SHARE: Final = 0.06
PAUSED_SHARE: Final = 0.03
PAUSED_SECONDS_MAX: Final = 900.0
SPOILED_SHARE: Final = 0.05


class Region:
    """Everything but workers' memory is committed and survives a crash."""

    def __init__(
        self, world: World, protocol: Protocol, centre: Centre, name: str, number: int, workers: int
    ) -> None:
        self.name, self.number = name, number
        self.world, self.protocol, self.centre = world, protocol, centre
        self.outbox: list[Head] = []
        self.receipted: dict[int, int] = {}
        self.acked = 0
        self.applied: list[tuple[int, int]] = []
        self.applied_pos = 0
        self.niks: dict[int, int] = {}
        self.cards: list[Card] = []
        self.spent: set[int] = set()
        self.is_up = True
        self.life = 0
        self.uplinks = [Uplink(self) for _ in range(workers)]
        self.readers = [Reader(self) for _ in range(workers)]
        self._blanks = 0
        centre.on_news[name] = self.wake_readers
        self.start()

    def start(self) -> None:
        self.is_up = True
        for uplink in self.uplinks:
            uplink.begin()
        for reader in self.readers:
            reader.begin()

    def crash(self) -> None:
        if not self.is_up:
            return
        self.world.fault("region_crash", self.name)
        self.is_up = False
        self.life += 1
        self.world.later(self.world.draw.expovariate(1 / DOWN_SECONDS_MEAN), self.start)

    def wake_readers(self) -> None:
        for reader in self.readers:
            reader.wake()

    def record(self, people: list[tuple[int, int]]) -> None:
        """A group commit of recordings (id, NIK); stations try again while the region is down."""
        if not self.is_up:
            self.world.later(60.0, self.record, people)
            return
        draw, protocol = self.world.draw, self.protocol
        if protocol.recording == "mark_first":
            self.receipted.update((one, one * 7) for one, _ in people)
            if self.world.tears():
                self.crash()
                self.world.later(60.0, self.record, people[len(people) // 2 :])
                return
        if not protocol.outbox_numbers_in_commit and self.outbox and draw.random() < AGAIN_SHARE:
            self.outbox.pop()  # another writer has taken the same number, and comes later
        for one, nik in people:
            self.niks[one] = nik
            self._say(Head(len(self.outbox) + 1, one, one * 7, nik=nik, captured_at=self.world.now))
        self.receipted.update((one, one * 7) for one, _ in people)
        self.world.tell("recorded", self.name, len(self.outbox))

    def _say(self, head: Head) -> None:
        self.outbox.append(head)
        for uplink in self.uplinks:
            uplink.wake()

    def may_print(self, authorization: int, recording: int) -> None:
        """A permission is here: some desk prints it, now and then a second desk tries too."""
        draw = self.world.draw
        seconds = draw.expovariate(1 / PRINT_SECONDS_MEAN)
        self.world.later(seconds, self._print, authorization, recording)
        if draw.random() < AGAIN_SHARE:
            self.world.later(seconds + draw.random(), self._print, authorization, recording)

    def _print(self, authorization: int, recording: int) -> None:
        draw, protocol = self.world.draw, self.protocol
        if not self.is_up:
            self.world.later(300.0, self._print, authorization, recording)
            return
        if authorization in self.spent and protocol.spends_once:
            self.world.fired["spent_again"] += 1
            return
        self.spent.add(authorization)
        if protocol.blank_is_new or not self._blanks or draw.random() > AGAIN_SHARE:
            self._blanks += 1
        is_spoiled = draw.random() < SPOILED_SHARE
        if is_spoiled:
            self.world.fault("printer_crash", self.name)
        self.cards.append(Card(authorization, (self.name, self._blanks), is_spoiled))
        result = "spoiled" if is_spoiled else "printed"
        self._report(authorization, recording, result)
        if draw.random() < AGAIN_SHARE:
            self.world.fired["reported_again"] += 1
            if not protocol.reports_once:
                self._report(authorization, recording, result)

    def _report(self, authorization: int, recording: int, result: str) -> None:
        envelope = -(len(self.outbox) + 1) * 1_000 - self.number
        self._say(
            Head(
                len(self.outbox) + 1,
                envelope,
                envelope * 7,
                kind="card_receipt",
                nik=self.niks.get(recording, 0),
                captured_at=self.world.now,
                card=(authorization, result),
            )
        )


class Uplink:
    """One sender with its own memory of the line. Two of them in a region are allowed."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._line = Line()
        self._is_idle = False
        self._life = -1
        self._attempt = 0

    def begin(self) -> None:
        # What it knew of the line was written down; what it was doing is gone.
        self._line = Line(
            failures_in_a_row=self._line.failures_in_a_row, failing_since=self._line.failing_since
        )
        self._life = self._region.life
        self._is_idle = False
        self._turn(self._life)

    def wake(self) -> None:
        if self._is_idle and self._region.is_up:
            self._is_idle = False
            self._later(0.1)

    def _later(self, seconds: float) -> None:
        self._region.world.later(seconds, self._turn, self._life)

    def _turn(self, life: int) -> None:
        region = self._region
        if life != region.life or not region.is_up:
            return
        line, world = self._line, region.world
        limit = region.protocol.failures_max
        if limit is not None and line.failures_in_a_row > limit:
            return
        match region.protocol.plan(len(region.outbox) - region.acked, line):
            case Rest():
                self._is_idle = True
            case Probe():
                seconds = region.protocol.wait_seconds(
                    line.failures_in_a_row, world.draw.random(), RETRY_CAP_SECONDS
                )
                world.later(seconds, self._probe, life)
            case Send(items_max, bytes_max):
                count = min(items_max, max(1, bytes_max // ENVELOPE_BYTES))
                heads = region.outbox[region.acked : region.acked + count]
                if world.draw.random() < PAUSED_SHARE and not world.is_calm:
                    world.fault("worker_paused", region.name)
                    seconds = world.draw.random() * PAUSED_SECONDS_MAX
                    world.later(seconds, self._send, life, heads)
                else:
                    self._send(life, heads)

    def _send(self, life: int, heads: list[Head]) -> None:
        region = self._region
        if life != region.life:
            return
        started = region.world.now
        self._attempt += 1
        sent = region.protocol.batch(heads, self._attempt)
        region.world.exchange(
            region.name,
            region.number,
            (len(heads) * ENVELOPE_BYTES, 600),
            lambda is_harmed: region.centre.take(region.name, sent, is_harmed),
            lambda answer: self._hear_receipt(life, heads, started, answer),
        )

    def _probe(self, life: int) -> None:
        region = self._region
        if life != region.life:
            return
        asked = region.acked
        region.world.exchange(
            region.name,
            region.number,
            (500, 500),
            lambda _: region.centre.position(region.name),
            lambda answer: self._hear_position(life, asked, answer),
        )

    def _hear_position(self, life: int, asked: int, answer: Any) -> None:
        region = self._region
        if life != region.life:
            return
        seq = self._believed(answer)
        if seq is None:
            self._fail()
            return
        self._line = region.protocol.after_probe(self._line, region.world.moment)
        self._move(seq, 0, asked)

    def _hear_receipt(self, life: int, heads: list[Head], started: float, answer: Any) -> None:
        region = self._region
        if life != region.life:
            return
        if answer is None and not region.protocol.silence_is_unknown:
            answer = (("receipt", heads[-1].seq), False)
        seq = self._believed(answer)
        if seq is not None:
            self._attempt = 0
            self._line = region.protocol.after_answer(
                self._line,
                len(heads) * ENVELOPE_BYTES,
                max(0.001, region.world.now - started),
                region.world.moment,
            )
            self._move(seq, heads[-1].seq, heads[0].seq - 1)
            return
        if answer is not None and answer[0][0] == "refused" and not answer[1]:
            if not region.protocol.keeps_refused:
                region.acked = max(region.acked, heads[-1].seq)
            if region.protocol.meaning_of(answer[0][1], is_whole_here=True) is Meaning.FOREIGN:
                self._wait_for_people()
                return
        self._fail()

    def _believed(self, answer: Any) -> int | None:
        """The seq an answer vouches for; None when it says nothing, or is not the centre's word."""
        if answer is None:
            return None
        (kind, value), is_harmed = answer
        if kind == "refused":
            return None
        if is_harmed:
            if self._region.protocol.proves_answers:
                return None
            value += self._region.world.draw.choice((1, 2, 4, 8))
        return int(value)

    def _move(self, accepted: int, vouched: int, asked: int) -> None:
        region = self._region
        acked = region.protocol.position_after(
            Reached(1, region.acked),
            len(region.outbox),
            Reached(1, accepted),
            vouched,
            Reached(1, asked),
        )
        if acked is None:
            region.world.fired["foreign_position"] += 1
            self._wait_for_people()
            return
        region.acked = acked
        region.world.tell("acked", region.name, acked)
        self._later(0.2)

    def _fail(self) -> None:
        region = self._region
        self._line = region.protocol.after_failure(self._line, region.world.moment)
        self._later(0.1)

    def _wait_for_people(self) -> None:
        region = self._region
        self._line = region.protocol.after_failure(self._line, region.world.moment)
        self._later(PEOPLE_SECONDS)


class Reader:
    """One reader of the feed; `wake` stands for the long poll that something ended.

    News that comes while an answer is under way counts: the next poll would find it.
    """

    def __init__(self, region: Region) -> None:
        self._region = region
        self._failures = 0
        self._is_idle = False
        self._has_news = False
        self._life = -1

    def begin(self) -> None:
        self._life = self._region.life
        self._is_idle = False
        self._read(self._life)

    def wake(self) -> None:
        self._has_news = True
        if self._is_idle and self._region.is_up:
            self._is_idle = False
            self._region.world.later(0.1, self._read, self._life)

    def _read(self, life: int) -> None:
        region = self._region
        if life != region.life or not region.is_up:
            return
        after = region.applied_pos
        self._has_news = False
        region.world.exchange(
            region.name,
            region.number,
            (500, 40_000),
            lambda _: region.centre.page(region.name, after),
            lambda answer: self._hear(life, answer),
        )

    def _hear(self, life: int, answer: Any) -> None:
        region = self._region
        if life != region.life:
            return
        page: Page | None = None
        if answer is not None and not (answer[1] and region.protocol.proves_answers):
            page = _spoiled(answer[0][1]) if answer[1] else answer[0][1]
        try:
            if page is not None:
                region.protocol.check_page(page, region.name, region.applied_pos, 1)
        except PageDoesNotFit:
            region.world.fired["page_refused"] += 1
            page = None
        if page is None:
            self._failures += 1
            seconds = region.protocol.wait_seconds(
                self._failures, region.world.draw.random(), RETRY_CAP_SECONDS
            )
            region.world.later(seconds, self._read, life)
            return
        self._failures = 0
        if page.entries or self._has_news:
            self._apply(page)
            region.world.later(0.2, self._read, life)
        else:
            self._is_idle = True

    def _apply(self, page: Page) -> None:
        """Entries and cursor in one commit; torn apart only where the protocol says so."""
        region = self._region
        pos = region.protocol.cursor_after(page)
        if region.protocol.applying == "mark_first":
            region.applied_pos = pos
            if region.world.tears():
                region.crash()
                return
        for item in page.entries:
            region.applied.append((item.pos, item.recording))
            if item.authorization is not None:
                region.may_print(item.authorization, item.recording)
        if region.protocol.applying == "work_first" and region.world.tears():
            region.crash()
            return
        region.applied_pos = pos
        region.world.tell("applied", region.name, pos)


def _spoiled(page: Page) -> Page:
    """A flipped bit that still parses: another recording gets the first one's decision."""
    if not page.entries:
        return page
    first, *rest = page.entries
    return page._replace(entries=[first._replace(recording=first.recording ^ 1), *rest])
