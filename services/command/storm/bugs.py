"""Planted bugs: each is the protocol with one thing done carelessly, and must be found.

Some are harmless alone, because another rule catches them: those in MASKED are planted together,
and stay unseen while any one part is missing. A checker that finds none of these proves nothing by
finding nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from types import MappingProxyType
from typing import Any, Final

from services.central.intake.rules import Gap, Take
from services.central.intake.rules import fit as real_fit
from services.command.storm.core.protocol import Head, Page, Protocol
from services.command.storm.core.run import Scene, run_seed
from services.command.storm.parts import Outcome, Plan
from services.regional.feed_reader.rules import PageDoesNotFit, check_page
from services.regional.uplink import rules as uplink

SEEDS_MAX: Final = 50
MASKED_SEEDS: Final = 10
SCENE: Final = Scene(regions=2, hours=24.0, recordings=700)


def _latest_is_acked(here: uplink.Reached, last: int, told: uplink.Reached, *_: Any) -> int:
    """Takes what was offered for what was received."""
    return max(here.seq, min(last, told.seq + 1))


def _always_probe(waiting: int, line: uplink.Line) -> uplink.Move:
    """Once it has failed it never believes in the line again."""
    move = uplink.plan(waiting, line)
    return uplink.Probe() if line.last_heard_at is not None else move


def _newest_first(heads: Sequence[Head], _: int) -> Sequence[Head]:
    return heads[::-1]


def _encoded_anew(heads: Sequence[Head], attempt: int) -> Sequence[Head]:
    """A second try sends other bytes for the same envelope."""
    return heads if attempt == 1 else [one._replace(sha256=one.sha256 + 1) for one in heads]


def _ids_anew(heads: Sequence[Head], attempt: int) -> Sequence[Head]:
    """A second try gives each envelope another id."""
    if attempt == 1:
        return heads
    return [one._replace(envelope_id=one.envelope_id + 10_000_000) for one in heads]


def _first_left_out(heads: Sequence[Head], attempt: int) -> Sequence[Head]:
    """After trouble it goes on with the next one."""
    return heads[1:] if attempt > 1 and len(heads) > 1 else heads


def _first_left_out_once(heads: Sequence[Head], attempt: int) -> Sequence[Head]:
    """After one trouble it goes on with the next one, after another it does not."""
    return heads[1:] if attempt == 2 and len(heads) > 1 else heads


def _newest_first_once(heads: Sequence[Head], attempt: int) -> Sequence[Head]:
    return heads[::-1] if attempt == 2 else heads


def _gap_is_fine(heads: Any, accepted: int, held: Any) -> Any:
    placed = real_fit(heads, accepted, held)
    return Take(0) if isinstance(placed, Gap) else placed


def _differing_is_fine(heads: Any, accepted: int, _: Any) -> Any:
    if heads[0].seq > accepted + 1:
        return Gap(accepted + 1)
    return Take(min(len(heads), accepted + 1 - heads[0].seq))


def _all_is_new(heads: Any, accepted: int, held: Any) -> Any:
    placed = real_fit(heads, accepted, held)
    return Take(0) if isinstance(placed, Take) else placed


def _no_note(_: Any, __: Any) -> None:
    return None


def _any_cursor_fits(page: Any, region: str, _: int, epoch: int) -> None:
    check_page(page, region, page.after, epoch)


def _holes_fit(page: Any, region: str, applied_pos: int, _: int) -> None:
    if page.region != region or page.after != applied_pos:
        raise PageDoesNotFit


def _to_the_head(page: Page) -> int:
    return max(page.head_pos, page.after + len(page.entries))


def _to_the_last(page: Page) -> int:
    return page.entries[-1].pos if page.entries else page.after


def _head_left_out(heads: list[Head]) -> list[Head]:
    return heads[1:]


def _by_nik(heads: list[Head]) -> list[Head]:
    return sorted(heads, key=lambda one: (one.nik, one.seq))


def _only_the_largest(queues: Any, places: int) -> dict[str, int]:
    """Serves nobody who has less than a hundred waiting."""
    return {one.region: min(one.waiting, places) for one in queues if one.waiting >= 100}


BUGS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "receipt before the recording's commit": {"recording": "mark_first"},
        "two writers take one seq": {"outbox_numbers_in_commit": False},
        "silence taken for a receipt": {"silence_is_unknown": False},
        "one more acknowledged than vouched for": {"position_after": _latest_is_acked},
        "answers not verified": {"proves_answers": False},
        "a refused batch is dropped": {"keeps_refused": False},
        "gives up after eight failures": {"failures_max": 8},
        "never sends again after a probe": {"plan": _always_probe},
        "newest sent first": {"batch": _newest_first},
        "encoded anew at each try": {"batch": _encoded_anew},
        "first of a batch left out after trouble": {"batch": _first_left_out},
        "receipt before the centre's commit": {"taking": "mark_first"},
        "bodies not held to their hashes": {"proves_hashes": False},
        "a ghost sets the accepted seq back": {"ghost_is_known": False},
        "everything taken as new": {"fit": _all_is_new},
        "settled before it is decided": {"settling": "mark_first"},
        "decided before it is settled": {"settling": "work_first"},
        "first waiting envelope passed over": {"settle_order": _head_left_out},
        "decided in the order of NIK": {"settle_order": _by_nik},
        "small queues never served": {"share_out": _only_the_largest},
        "NIK unique in a region only": {"knows_nik_nationally": False},
        "NIK looked up before the batch is in": {"knows_nik_at_insert": False},
        "cursor before the entries": {"applying": "mark_first"},
        "entries before the cursor": {"applying": "work_first"},
        "a page of another cursor applied": {"check_page": _any_cursor_fits},
        "cursor moved to the head": {"cursor_after": _to_the_head},
        "a permission spent twice": {"spends_once": False},
        "a blank used twice": {"blank_is_new": False},
        "other bytes accepted, encoded anew": {"fit": _differing_is_fine, "batch": _encoded_anew},
        "other bytes accepted, ids given anew": {"fit": _differing_is_fine, "batch": _ids_anew},
        "taken as new, repeats not noted": {"fit": _all_is_new, "note_of": _no_note},
    }
)
# Each part is harmless alone, because another part's rule still holds.
MASKED: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = MappingProxyType(
    {
        "pair: gap accepted, first left out once": (
            {"fit": _gap_is_fine},
            {"batch": _first_left_out_once},
        ),
        "pair: gap accepted, newest first once": (
            {"fit": _gap_is_fine},
            {"batch": _newest_first_once},
        ),
        "pair: feed numbered before commit, holes applied": (
            {"feed_numbers_in_commit": False},
            {"check_page": _holes_fit, "cursor_after": _to_the_last},
        ),
        "three: reported twice, taken as news, replaced unlooked": (
            {"reports_once": False},
            {"receipt_is_news_once": False},
            {"replaces_the_live_one": False},
        ),
    }
)


def all_planted() -> dict[str, Mapping[str, Any]]:
    """Every bug by its name, the masked ones with all their parts."""
    return {**BUGS, **{name: _together(parts) for name, parts in MASKED.items()}}


def one_put_right(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Masked bugs with one part put right, once for each: none of these can be seen."""
    return [_together(p for p in parts if p is not right) for right in parts]


def _together(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {field: value for part in parts for field, value in part.items()}


def seeds_until_found(changes: Mapping[str, Any], seeds_max: int = SEEDS_MAX) -> int | None:
    """How many seeds it takes, from 1; None when none of `seeds_max` shows it."""
    protocol = replace(Protocol(), **changes)
    for seed in range(seeds_max):
        if not run_seed(seed, SCENE, protocol).found.holds:
            return seed + 1
    return None


def run(plan: Plan) -> Outcome:
    """Every bug; and the protocol as it is, which must stay clean on the same seeds."""
    started = monotonic()
    planted = all_planted()
    names = list(planted)[:: max(1, round(1 / plan.scale))] if plan.scale < 1 else list(planted)
    found = {name: seeds_until_found(planted[name]) for name in names}
    failures = [
        f"Not found within {SEEDS_MAX} seeds: {name}." for name, seeds in found.items() if not seeds
    ]
    failures += [
        f"Not masked, seen with one part put right: {name}."
        for name in names
        if any(seeds_until_found(one, MASKED_SEEDS) for one in one_put_right(MASKED.get(name, ())))
    ]
    failures += [
        f"Without any bug seed {seed} breaks: {told.found.sentences[0]}"
        for seed in range(plan.times(SEEDS_MAX, least=2))
        if not (told := run_seed(seed, SCENE)).found.holds
    ]
    return Outcome(
        {"planted_bugs": dict(found), "planted_bugs_seconds": round(monotonic() - started, 1)},
        tuple(failures),
    )
