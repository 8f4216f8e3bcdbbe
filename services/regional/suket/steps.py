"""Give a suket or renew it, withdraw it, and put together what its paper says."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.regional.journey import identities
from services.regional.journey.rules import OfficialStatus, first_printable_day
from services.regional.outbox import copies
from services.regional.suket import rules, store
from services.regional.suket.rules import Facts, Period
from services.regional.suket.store import Suket
from shared.contracts.recording import CardData
from shared.database.engine import Transaction
from shared.refusals import NotFound, Refusal

TOKEN_BYTES = 16


class SuketNotAllowed(Refusal):
    """The law allows no sukets on this day; `TUNGGAL_REGIONAL_SUKET_PERIODS` says when it does."""

    code, status = "suket-not-allowed", 409
    title = "Temporary certificates are not given now"
    next_action = "Print the card; the head of office knows which periods the rules allow."
    next_action_id = "Cetak kartunya; masa pemberian suket ditentukan peraturan."


class SuketNotRecorded(Refusal):
    """Nobody with this NIK is recorded at this office: a suket says that somebody is."""

    code, status = "suket-not-recorded", 409
    title = "This person is not recorded at this office"
    next_action = "Record the person first."
    next_action_id = "Rekam orang ini dahulu."


class SuketHasCard(Refusal):
    """The person was handed a card: nothing stands in for it."""

    code, status = "suket-has-card", 409
    title = "This person has a card"
    next_action = "Ask for the card; report it as lost or damaged if it is."
    next_action_id = "Minta kartunya; bila hilang atau rusak, catat laporannya."


class SuketUnder17(Refusal):
    """Somebody under 17 who never married holds no card yet; `printable_on` is their day."""

    code, status = "suket-under-17", 409
    title = "This person need not have a card yet"
    next_action = "Wait for the day in printable_on."
    next_action_id = "Tunggu hari pada printable_on."


class SuketStillValid(Refusal):
    """A suket counts for longer than a month still: its paper can be printed again."""

    code, status = "suket-still-valid", 409
    title = "This person's suket is still valid"
    next_action = "Print its paper again; it is renewed in its last 30 days."
    next_action_id = "Cetak ulang kertasnya; perpanjangan dalam 30 hari terakhir."


class SuketDiffers(Refusal):
    """A suket with this id was given to somebody else."""

    code, status = "suket-differs", 409
    title = "This id belongs to another suket"
    next_action = "Make a fresh id for each suket."
    next_action_id = "Buat id baru untuk setiap suket."


class Standing(Protocol):
    """Where a recording is, as far as the paper's corner needs it."""

    @property
    def official_status(self) -> OfficialStatus: ...


FindStanding = Callable[[Transaction, str, UUID, date], Awaitable[Standing]]


@dataclass(frozen=True, slots=True)
class Desk:
    """At which office, by whose hand, when, and what is allowed there."""

    region: str
    officer: str
    now: datetime
    today: date
    periods: Sequence[Period]
    find_standing: FindStanding


async def give(transaction: Transaction, desk: Desk, suket_id: UUID, nik: int) -> Suket:
    """Give a suket, or the one that follows an earlier one. The same again changes nothing.

    Refuses: SuketNotAllowed, SuketNotRecorded, SuketHasCard, SuketUnder17, SuketStillValid,
    SuketDiffers.
    """
    recorded = await store.recorded(transaction, nik)
    before = await store.by_id(transaction, suket_id)
    if before is not None:
        if recorded is None or before.recording_id != recorded.recording_id:
            raise SuketDiffers
        return before
    if not rules.is_allowed(desk.periods, desk.today):
        raise SuketNotAllowed
    if recorded is None:
        raise SuketNotRecorded
    if await store.has_card(transaction, nik):
        raise SuketHasCard
    card = await card_of(transaction, recorded.recording_id)
    printable_on = first_printable_day(card.birth_date, card.marital_status)
    if desk.today < printable_on:
        raise SuketUnder17(extra={"printable_on": printable_on.isoformat()})
    last = await store.newest_of(transaction, recorded.recording_id)
    if last is not None:
        end = rules.end_of(last.facts, desk.today)
        if not rules.may_renew(end, last.valid_until, desk.today):
            raise SuketStillValid
    standing = await desk.find_standing(transaction, desk.region, recorded.recording_id, desk.today)
    until = rules.valid_until(desk.today)
    one = Suket(
        suket_id,
        secrets.token_urlsafe(TOKEN_BYTES),
        recorded.recording_id,
        desk.today.year,
        await store.next_number(transaction, desk.today.year),
        rules.status_code(standing.official_status),
        desk.today,
        until,
        desk.now,
        desk.officer,
        last.suket_id if last else None,
        Facts(until, None, None, is_renewed=False, is_recording_live=True),
    )
    await store.save(transaction, one)
    return one


async def withdraw(transaction: Transaction, desk: Desk, suket_id: UUID) -> Suket:
    """A paper given by mistake, or handed back. Doing so twice changes nothing.

    Refuses: NotFound.
    """
    if await store.by_id(transaction, suket_id) is None:
        raise NotFound("No such suket was given here.")
    await store.withdraw(transaction, suket_id, desk.officer, desk.now)
    return await look_up(transaction, suket_id)


async def look_up(transaction: Transaction, suket_id: UUID) -> Suket:
    """Refuses: NotFound."""
    found = await store.by_id(transaction, suket_id)
    if found is None:
        raise NotFound("No such suket was given here.")
    return found


async def card_of(transaction: Transaction, recording_id: UUID) -> CardData:
    """What holds of the person now: as recorded, or as amended since. Refuses: NotFound."""
    amended = await identities.newest(transaction, recording_id)
    if amended is not None:
        return amended.card
    seq = await store.seq_of(transaction, recording_id)
    if seq is None:
        raise NotFound("No such recording was taken here.")
    return (await copies.biodata_at(transaction, seq)).card
