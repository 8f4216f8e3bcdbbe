"""Tell how one recording, the queue, and fairness stand: load, fold, say."""

import asyncio
from datetime import date
from uuid import UUID

from services.regional.disk.loop import DiskState
from services.regional.disk.rules import DAY_SECONDS
from services.regional.journey import domicile, identities
from services.regional.journey.overtakes import OvertakeCause, overtakes
from services.regional.journey.rules import (
    Happening,
    OfficialStatus,
    Stage,
    first_printable_day,
    official_status,
    story,
    waiting_cause,
)
from services.regional.outbox import copies
from services.regional.status import catch_up, fairness_store, rules, store, views
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction
from shared.refusals import NotFound


async def status_of(
    transaction: Transaction, region: str, recording_id: UUID, today: date
) -> views.RecordingStatus:
    """`today` is the office's date. Refuses: NotFound."""
    basics = await store.basics(transaction, recording_id)
    if basics is None:
        raise NotFound("No recording with this id was taken here.")
    # Backwards: whatever was decided had been sent, so what is read later explains it.
    decided = await store.after_the_centre(transaction, recording_id)
    queue = await store.queue(transaction, region)
    refused = await store.set_aside_at(transaction, basics.seq)
    told = story([*await store.on_the_way(transaction, basics, queue, refused), *decided])
    ruling = await store.newest_ruling(transaction, recording_id)
    outcome = ruling.outcome if ruling else (store.REFUSED_OUTCOME if refused else None)
    stage, since = (told[-1][0], told[-1][1].at) if told else (Stage.QUEUED, basics.recorded_at)
    reason = ruling.reason if ruling else (refused.code if refused else None)
    if stage is Stage.PRINTABLE:
        outcome = Outcome.PRINT_READY_RECORD
    is_too_young = stage is Stage.PRINTABLE and await _is_too_young(transaction, basics, today)
    has_held_answer = await store.has_held_answer(transaction, recording_id)
    cause = waiting_cause(
        stage,
        outcome,
        is_line_down=queue.failures_in_a_row > 0,
        is_too_young=is_too_young,
        has_held_answer=has_held_answer,
    )
    rival, action = _rival(ruling), None
    if has_held_answer:
        action = rules.HELD_ANSWER
    elif stage in rules.TAKEN_BACK:
        has_moved = await domicile.has_moved_away(transaction, recording_id)
        action = rules.taken_back(stage, has_moved_away=has_moved)
    elif stage in (Stage.UNSETTLED, Stage.DELETED) and outcome is not None:
        rival_id = rival.recording_id if rival else None
        progress = await store.progress(transaction, recording_id, rival_id)
        situation = rules.Situation(region, rival.region if rival else None, progress)
        action = rules.action_of(outcome, reason, situation, is_set_aside_here=refused is not None)
    return views.RecordingStatus(
        recording_id=recording_id,
        seq=basics.seq,
        stage=stage,
        official_status=official_status(stage, outcome),
        since=since,
        outcome=outcome,
        reason=reason,
        duplicate=ruling.duplicate if ruling else None,
        rival=rival,
        waits_for=cause,
        explanation=rules.sentence(
            cause,
            ahead=rules.ahead_of(basics.seq, queue.acked_seq, stage),
            since=queue.failing_since,
            action=action.text if action else "look at the printer and report the blank.",
        ),
        next_action=action.text if action else None,
        next_action_id=action.text_id if action else None,
        remedy=action.code if action else None,
        timeline=_timeline(basics, told),
    )


def _timeline(basics: store.Basics, told: list[tuple[Stage, Happening]]) -> list[views.Step]:
    return [
        views.Step(
            at=basics.recorded_at,
            stage=Stage.QUEUED,
            official_status=OfficialStatus.BIO_CAPTURED,
            event="recorded",
        ),
        *(
            views.Step(
                at=happening.at,
                stage=after,
                official_status=official_status(after, happening.outcome),
                event=happening.event,
            )
            for after, happening in told
        ),
    ]


async def _is_too_young(transaction: Transaction, one: store.Basics, today: date) -> bool:
    amended = await identities.newest(transaction, one.recording_id)
    card = amended.card if amended else (await copies.biodata_at(transaction, one.seq)).card
    return today < first_printable_day(card.birth_date, card.marital_status)


def _rival(ruling: store.Ruling | None) -> views.RivalView | None:
    if ruling is None or ruling.rival_recording_id is None or ruling.rival_region is None:
        return None
    return views.RivalView(
        recording_id=ruling.rival_recording_id,
        region=ruling.rival_region,
        captured_at=ruling.rival_captured_at,
    )


async def queue_state(
    transaction: Transaction, region: str, disk: DiskState | None
) -> views.QueueView:
    """disk: None for whoever asks for no forecast."""
    queue = await store.queue(transaction, region)
    waiting = queue.last_seq - queue.acked_seq
    found = await _catching_up(transaction, queue, disk) if disk else None
    expected = found if isinstance(found, catch_up.CatchUp) else None
    return views.QueueView(
        waiting=waiting,
        last_seq=queue.last_seq,
        acknowledged_seq=queue.acked_seq,
        oldest_waiting_since=queue.oldest_at,
        oldest_captured_at=queue.oldest_captured_at,
        expected_seconds_from=expected.from_seconds if expected else None,
        expected_seconds_to=expected.to_seconds if expected else None,
        line=_line(queue),
        feed_applied_pos=queue.applied_pos,
        feed_head_pos=queue.head_pos,
        set_aside=[
            views.SetAsideView(seq=one.seq, reason=one.code, since=one.at)
            for one in await store.all_set_aside(transaction)
        ],
        held_entries=[
            views.HeldEntryView(pos=one.pos, reason=one.reason, since=one.at)
            for one in await store.all_held(transaction)
        ],
    )


def _line(queue: rules.Queue) -> views.LineView:
    return views.LineView(
        state=rules.line_state(queue),
        since=queue.failing_since,
        last_heard_at=queue.last_heard_at,
        failures_in_a_row=queue.failures_in_a_row,
        goodput_bytes_per_second=queue.goodput_bytes_per_second,
    )


async def outage(transaction: Transaction, region: str, disk: DiskState) -> views.OutageView:
    queue = await store.queue(transaction, region)
    waiting = queue.last_seq - queue.acked_seq
    is_down = queue.failures_in_a_row > 0
    found = await _catching_up(transaction, queue, disk)
    action = catch_up.next_action(found, takes_recordings=disk.takes_recordings, is_down=is_down)
    return views.OutageView(
        line=_line(queue),
        waiting=waiting,
        waiting_bytes=waiting * queue.mean_bytes,
        disk=views.DiskView(
            recordings_left=disk.recordings_left,
            full_not_before=disk.full.not_before if disk.full else None,
            full_until=disk.full.until if disk.full else None,
            is_safe_to_record=disk.takes_recordings,
        ),
        catch_up=_catch_up(found),
        next_action=action.text,
        next_action_id=action.text_id,
    )


async def _catching_up(
    transaction: Transaction, queue: rules.Queue, disk: DiskState
) -> catch_up.Plan | None:
    """When what waits is at the centre: one rule for whoever asks, by whatever door."""
    waiting_bytes = (queue.last_seq - queue.acked_seq) * queue.mean_bytes
    pace = catch_up.pace_of(await store.carried(transaction)) if waiting_bytes else None
    a_day = disk.rates.busy if disk.rates else 0.0
    arriving = a_day * queue.mean_bytes / DAY_SECONDS
    return catch_up.plan(waiting_bytes, arriving, pace, is_down=rules.is_stuck(queue))


def _catch_up(found: catch_up.Plan | None) -> views.CatchUpView:
    shown = views.CatchUpView(
        state="unknown", seconds_from=None, seconds_to=None, line_hours_needed=None
    )
    if isinstance(found, catch_up.CatchUp):
        shown.state = "range"
        shown.seconds_from, shown.seconds_to = found.from_seconds, found.to_seconds
    elif isinstance(found, catch_up.LineNeeded):
        shown.state, shown.line_hours_needed = "line_needed", found.hours
    elif isinstance(found, catch_up.Never):
        shown.state = "never"
    return shown


async def fairness(transaction: Transaction) -> views.FairnessView:
    order = await fairness_store.permission_order(transaction)
    by_cause = await asyncio.to_thread(overtakes, order)
    waits = await fairness_store.waits_seconds(transaction)
    return views.FairnessView(
        permitted=len(order),
        overtakes=sum(by_cause.values()),
        overtakes_late_arrival=by_cause.get(OvertakeCause.LATE_ARRIVAL, 0),
        overtakes_unexplained=by_cause.get(OvertakeCause.UNEXPLAINED, 0),
        overtakes_by_cause=by_cause,
        waited_seconds=views.WaitView(p50=waits[0], p95=waits[1], max=waits[2]) if waits else None,
        outcomes=await fairness_store.outcomes(transaction),
        cards=await fairness_store.cards(transaction),
    )
