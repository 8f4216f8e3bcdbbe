"""Spend a permission, take the printer's result, hand the card over."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from services.regional.journey import domicile, identities
from services.regional.journey.rules import first_printable_day
from services.regional.outbox import copies
from services.regional.outbox import store as outbox
from services.regional.printing import endings, rules, store, turns
from services.regional.printing.refusals import (
    BlankNotReceived,
    BlankSpoiledBefore,
    HolderMovedAway,
    PrintOutOfTurn,
)
from services.regional.printing.rules import CardState
from shared.contracts.authorization import CLAIMS, TYPE, claims_told
from shared.contracts.envelopes import (
    CARD_RECEIPT,
    CARD_RECEIPT_VERSION,
    CardReceipt,
    CardResult,
    EnvelopeKind,
)
from shared.contracts.recording import CardData
from shared.contracts.revocation import RENEWAL_REQUEST, RENEWAL_REQUEST_VERSION, RenewalRequest
from shared.database.engine import Transaction
from shared.ids import new_id
from shared.refusals import NotFound, Refusal
from shared.signing import BadSignature, ExpiredKey, PinnedKeys


class PermissionSpent(Refusal):
    """This permission, or this blank card, was used before. Each is used once.

    If the printer stopped in between, report the blank as spoiled: the centre sends a fresh
    permission.
    """

    code, status = "permission-spent", 409
    title = "This permission or this blank was used before"
    next_action = "Look the card up; if it was never printed, report its blank as spoiled."
    next_action_id = "Periksa kartunya; bila belum tercetak, laporkan blangko rusak."


class PermissionNotValid(Refusal):
    """The permission is not signed by the centre, or is for another office or other card data."""

    code, status = "permission-not-valid", 403
    title = "This permission does not allow printing here"
    next_action = "Do not print. Report the recording to the head of office."
    next_action_id = "Jangan cetak. Laporkan perekaman ini kepada kepala kantor."


class PermissionContested(Refusal):
    """After this permission the centre found another claim to the same NIK.

    It was restored from a backup, and permitted somebody else before this office came back.
    """

    code, status = "permission-contested", 409
    title = "Another recording of this NIK was permitted meanwhile"
    next_action = "Do not print. Two officers at the centre compare both recordings."
    next_action_id = "Jangan cetak. Dua petugas di pusat membandingkan kedua perekaman."


class PermissionRevoked(Refusal):
    """The centre took this permission back; `reason` is its code, `replaced_by` what follows."""

    code, status = "permission-revoked", 409
    title = "The centre took this permission back"
    next_action = "Do not print on it. If another permission follows, print on that one."
    next_action_id = "Jangan cetak dengan izin ini. Bila ada izin pengganti, pakai yang itu."


class PermissionReplaced(Refusal):
    """A later permission for the same recording is here: only the newest one counts."""

    code, status = "permission-replaced", 409
    title = "A later permission takes the place of this one"
    next_action = "Load the list of permissions again and print on the newest."
    next_action_id = "Muat ulang daftar izin cetak dan pakai yang terbaru."


class CardToWithdraw(Refusal):
    """The permission this card was printed on was taken back: nobody may get it."""

    code, status = "card-to-withdraw", 409
    title = "This card must not be handed over"
    next_action = "Keep the card, destroy it with minutes, and report its blank as spoiled."
    next_action_id = "Tahan kartu, musnahkan dengan berita acara, laporkan blangko rusak."


class ServerFenced(Refusal):
    """Another server speaks for this region: the same permission may lie there, too."""

    code, status = "server-fenced", 409
    title = "This server does not speak for its region any more"
    next_action = "Print at the region's other server, or ask operations to hand the name over."
    next_action_id = "Cetak di server daerah yang lain, atau minta operasi menyerahkan nama."


class AmendmentWaits(Refusal):
    """A change of what this card shows is on its way: a card of the old data would be wrong.

    When it is accepted, another permission comes; when it is refused, this one may be used.
    """

    code, status = "amendment-waits", 409
    title = "The data of this card are being changed"
    next_action = "Wait for the centre's answer to the amendment; then print what is listed."
    next_action_id = "Tunggu jawaban pusat atas perubahan data; lalu cetak sesuai daftar."


class PermissionExpired(Refusal):
    """The permission was not spent in time."""

    code, status = "permission-expired", 409
    title = "This permission has expired"
    next_action = "Ask the centre for a fresh permission."
    next_action_id = "Minta izin cetak baru dari pusat."


class HolderUnder17(Refusal):
    """The holder is under 17 and never married: the card waits for the day `printable_on`."""

    code, status = "holder-under-17", 409
    title = "The card may not be printed yet"
    next_action = "Wait for the day in printable_on; the permission stays valid."
    next_action_id = "Tunggu hari pada printable_on; izin cetak tetap berlaku."


class CardStepNotAllowed(Refusal):
    """The card is not in a state from which this may follow; `state` tells which it is in."""

    code, status = "card-step-not-allowed", 409
    title = "This cannot follow the card's present state"
    next_action = "Look at the card's state; a result is reported once."
    next_action_id = "Lihat keadaan kartu; hasil dilaporkan satu kali."


@dataclass(frozen=True, slots=True)
class Office:
    """Where printing happens: its region, its time zone, the centre's pinned keys, its rules.

    window: how many of the oldest permissions may be printed at once (ADR-0023).
    """

    region: str
    zone: ZoneInfo
    centre: PinnedKeys
    window: int = rules.TURN_WINDOW
    blanks: rules.BlankRule | None = None


@dataclass(frozen=True, slots=True)
class ToPrint:
    authorization_id: UUID
    blank_serial: str
    card: CardData


async def spend(
    transaction: Transaction,
    office: Office,
    authorization_id: UUID,
    blank_serial: str,
    officer: str,
    now: datetime,
) -> ToPrint:
    """Verify offline and write the intent; print only after the commit.

    Refuses: NotFound, ServerFenced, PermissionRevoked, HolderMovedAway, PermissionReplaced,
    PermissionNotValid, PermissionContested, PermissionExpired, AmendmentWaits, HolderUnder17,
    PrintOutOfTurn, BlankNotReceived, BlankSpoiledBefore, PermissionSpent.
    """
    held = await unhindered(transaction, office.region, authorization_id)
    try:
        signed = office.centre.verify(held.jws, TYPE)
        claims = CLAIMS.validate_json(signed.payload)
        # A permission outlives the key that signed it; it must have been signed in the key's time.
        office.centre.check_life(signed.kid, datetime.fromtimestamp(claims.iat, UTC))
    except (BadSignature, ExpiredKey, ValidationError, OverflowError, OSError, ValueError):
        raise PermissionNotValid from None
    if claims.sub != held.recording_id or claims.jti != held.authorization_id:
        raise PermissionNotValid
    if claims.epoch > held.known_epoch:  # no page that was read here can have brought it
        raise PermissionNotValid
    card = await _card_of(transaction, held, claims.card_sha256)
    today = now.astimezone(office.zone).date()
    match rules.may_print(claims, card, office.region, now, today):
        case rules.NotForHere():
            raise PermissionNotValid
        case rules.Expired(expired_at):
            raise PermissionExpired(extra={"expired_at": expired_at.isoformat()})
        case rules.TooYoung(printable_on):
            raise HolderUnder17(extra={"printable_on": printable_on.isoformat()})
        case rules.Printable():
            pass
    await _expect_turn(transaction, office.window, held, turns.Moment(now, today))
    await _expect_blank(transaction, office.blanks, blank_serial)
    if not await store.enter_intent(transaction, held, blank_serial, officer, now):
        raise PermissionSpent
    return ToPrint(authorization_id, blank_serial, card)


async def _expect_turn(
    transaction: Transaction, window: int, held: store.Held, when: turns.Moment
) -> None:
    """Refuses: PrintOutOfTurn."""
    one = held.authorization_id
    if await turns.count_ahead(transaction, one, when, window) < window:
        return
    is_excepted, is_second_try = await turns.leave(transaction, one)
    if is_excepted or is_second_try:
        return
    # Those whose day was not looked up were counted: who is under 17 is in nobody's way.
    ahead, learnt = 0, DAYS_MAX
    while learnt == DAYS_MAX and ahead < window:
        learnt = await learn_days(transaction, before=one)
        ahead = await turns.count_ahead(transaction, one, when, window, is_known=True)
    if not rules.is_in_turn(ahead, window):
        raise PrintOutOfTurn(extra={"ahead": ahead, "window": window})


async def _expect_blank(
    transaction: Transaction, rule: rules.BlankRule | None, serial: str
) -> None:
    """Refuses: BlankNotReceived, BlankSpoiledBefore."""
    blank = await store.blank_of(transaction, serial)
    if blank.is_spoiled:
        raise BlankSpoiledBefore
    if not blank.is_received and rules.must_be_received(
        rule, is_any_received=blank.is_any_received
    ):
        raise BlankNotReceived


DAYS_MAX = 200


async def learn_days(transaction: Transaction, before: UUID | None = None) -> int:
    """Look up when those who were permitted may be printed. Gives how many, at most DAYS_MAX."""
    days = []
    for held, copy in await turns.without_day(transaction, DAYS_MAX, before):
        try:
            wanted = claims_told(held.jws).card_sha256
            recorded = copy.biodata.card if copy is not None else None
            if recorded is None or recorded.digest() != wanted:
                recorded = await _card_of(transaction, held, wanted)
        except (PermissionNotValid, ValueError, LookupError):
            days.append((held.authorization_id, turns.NEVER))
        else:
            day = first_printable_day(recorded.birth_date, recorded.marital_status)
            days.append((held.authorization_id, day))
    await turns.set_days(transaction, days)
    return len(days)


async def _card_of(transaction: Transaction, held: store.Held, card_sha256: str) -> CardData:
    """What a permission prints: the data it was signed for, as recorded, as amended, as moved.

    Refuses: PermissionNotValid, when it was signed for none of these.
    """
    if held.seq is not None:
        recorded = (await copies.biodata_at(transaction, held.seq)).card
        if recorded.digest() == card_sha256:
            return recorded
    told = await identities.shown_by(transaction, held.recording_id, card_sha256)
    if told is None:
        raise PermissionNotValid
    return told.card


async def unhindered(transaction: Transaction, region: str, authorization_id: UUID) -> store.Held:
    """A permission that neither another server nor a later decision stands in the way of."""
    if await store.is_fenced(transaction, region):
        raise ServerFenced
    is_here = await store.lock_recording_of(transaction, authorization_id)
    held = await store.permission(transaction, authorization_id) if is_here else None
    if held is None:
        raise NotFound("No such permission at this office.")
    if held.is_revoked and await domicile.has_moved_away(transaction, held.recording_id):
        raise HolderMovedAway
    if held.is_revoked:
        raise PermissionRevoked(extra=await store.revoked_how(transaction, authorization_id))
    if held.is_replaced:
        raise PermissionReplaced
    if held.is_contested:
        raise PermissionContested
    if held.is_given_up:
        raise PermissionExpired(extra={"expired_at": held.expires_at.isoformat()})
    if held.has_card:
        raise PermissionSpent
    if await identities.is_changing(transaction, held.recording_id):
        raise AmendmentWaits
    return held


async def report(
    transaction: Transaction,
    region: str,
    blank_serial: str,
    result: CardResult,
    cause: str | None,
    now: datetime,
) -> store.Card:
    """Take what became of a blank, and write the card receipt for the centre in the same commit.

    The same result again changes nothing. Of a permission taken back a card that is out may be
    spoiled still: it was withdrawn. Refuses: NotFound, CardStepNotAllowed, CardToWithdraw.
    """
    card = await store.card_of(transaction, blank_serial)
    if card is None:
        raise NotFound("No card was begun on this blank here.")
    state = CardState(result.value)
    if card.state is state:
        return card
    if card.is_revoked and state is CardState.ISSUED:
        raise CardToWithdraw
    if not rules.may_follow(card.state, state, is_revoked=card.is_revoked):
        raise CardStepNotAllowed(extra={"state": card.state.value})
    if card.is_revoked and state is CardState.SPOILED and cause is None:
        cause = rules.WITHDRAWN
    await store.move(transaction, blank_serial, state, cause, now)
    receipt = CardReceipt(
        authorization_id=card.authorization_id,
        recording_id=card.recording_id,
        blank_serial=blank_serial,
        result=result,
        cause=cause,
        happened_at=now,
    )
    letter = outbox.Letter.of(
        new_id(),
        EnvelopeKind.CARD_RECEIPT,
        CARD_RECEIPT_VERSION,
        now,
        CARD_RECEIPT.dump_json(receipt),
    )
    await outbox.append(transaction, region, [letter], now)
    return replace(card, state=state)


RENEWALS_MAX = 500


async def ask_anew(transaction: Transaction, region: str, now: datetime) -> int:
    """Give expired permissions up for good, and write the envelopes that ask for fresh ones.

    Only after their time: until then one can be printed with no line at all. Gives how many.
    """
    expired = await endings.lock_expired(transaction, now, RENEWALS_MAX)
    if not expired:
        return 0
    letters = [
        outbox.Letter.of(
            new_id(),
            EnvelopeKind.RENEWAL_REQUEST,
            RENEWAL_REQUEST_VERSION,
            now,
            RENEWAL_REQUEST.dump_json(
                RenewalRequest(
                    authorization_id=one.authorization_id,
                    recording_id=one.recording_id,
                    expired_at=one.expires_at,
                    asked_at=now,
                )
            ),
        )
        for one in expired
    ]
    first_seq = await outbox.append(transaction, region, letters, now)
    await endings.give_up(
        transaction, [(one, seq) for seq, one in enumerate(expired, first_seq)], now
    )
    return len(expired)
