"""The adjudicator's pages: what waits, one case with both sides, and the vote."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import Query, Response
from pydantic import TypeAdapter, ValidationError

from services.central.adjudication import presentation, rules, steps, store, views, words
from services.central.adjudication.routes import (
    A_CASE,
    AdjudicationDoors,
    CasePath,
    RegionPath,
)
from services.central.adjudication.steps import Shown
from services.central.adjudication.views import GivenVote, Words
from shared.database.engine import Transaction
from shared.doors.room import door
from shared.doors.session import Session
from shared.pages.render import HEADERS, Pages
from shared.pages.room import OwnForm, PageDoors, redirect, signed_in
from shared.refusals import NotFound, Refusal
from shared.roles import Role

HOME = "/adjudication"
ROWS_MAX = 50  # a row takes up to 800 bytes, and a page at most 60 KB
TEMPLATES = Path(__file__).parent / "templates"
_WORDS: TypeAdapter[str] = TypeAdapter(Words)
_STARTS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"RIFF": "image/webp",
}
_UNREADABLE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 300" font-family="sans-serif" '
    b'font-size="13" text-anchor="middle" fill="#55605b"><rect width="240" height="300" '
    b'fill="#ebeae4"/><text x="120" y="145">Gambar ini tidak dapat</text>'
    b'<text x="120" y="163">ditampilkan peramban.</text></svg>'
)

Judge = Annotated[Session, signed_in(Role.ADJUDICATOR)]
Fault = tuple[str, str, str]  # id of the field, Indonesian, English


class FaceSource(Protocol):
    """Face images, wherever they are kept."""

    async def here(
        self, transaction: Transaction, recordings: Collection[tuple[str, UUID]]
    ) -> set[UUID]: ...

    async def read(self, region: str, recording_id: UUID) -> bytes: ...


@dataclass(frozen=True)
class CasePages(PageDoors):
    """What an adjudicator sees in a browser; acts by the same steps as the operations."""

    doors: AdjudicationDoors
    faces: FaceSource
    pages: Pages = field(default_factory=lambda: Pages(TEMPLATES))

    @door.get(HOME)
    async def cases_page(
        self,
        session: Judge,
        show: Annotated[str, Query()] = "open",
        saved: Annotated[str, Query()] = "",
    ) -> Response:
        is_open = show != "settled"
        now = self.doors.clock.now()
        days_max = self.doors.days_max
        async with self.doors.database.begin() as transaction:
            found = await store.listed(transaction, is_open=is_open, items_max=ROWS_MAX)
            counts = await store.counts(transaction, now - timedelta(days=days_max))
        return self.pages.answer(
            "cases.html",
            session=session,
            items=[views.listed(one, days_max, now) for one in found],
            counts=counts,
            is_open=is_open,
            rows_max=ROWS_MAX,
            days_max=days_max,
            saved=words.SAVED.get(saved),
            now=now,
            words=words,
        )

    @door.get(HOME + A_CASE)
    async def case_page(
        self,
        session: Judge,
        region: RegionPath,
        case_id: CasePath,
        first: Annotated[int, Query(ge=1, le=steps.CANDIDATES_MAX * 100)] = 1,
    ) -> Response:
        return await self._case(session, region, case_id, {}, [], first=first)

    @door.post(HOME + A_CASE + "/claim")
    async def claim_by_page(
        self, session: Judge, region: RegionPath, case_id: CasePath, form: OwnForm
    ) -> Response:
        try:
            await self.doors.claim_case(region, case_id, session.caller)
        except Refusal as refusal:
            return await self._refused(session, region, case_id, form, refusal)
        return redirect(f"{HOME}/cases/{region}/{case_id}")

    @door.post(HOME + A_CASE + "/release")
    async def release_by_page(
        self, session: Judge, region: RegionPath, case_id: CasePath, form: OwnForm
    ) -> Response:
        await self.doors.release_case(region, case_id, session.caller)
        return redirect(f"{HOME}?saved=released")

    @door.post(HOME + A_CASE + "/votes")
    async def vote_by_page(
        self, session: Judge, region: RegionPath, case_id: CasePath, form: OwnForm
    ) -> Response:
        given, faults = read_vote(form)
        if given is None:
            return await self._case(session, region, case_id, form, faults)
        try:
            receipt = await self.doors.vote(region, case_id, session.caller.subject, given)
        except Refusal as refusal:
            return await self._refused(session, region, case_id, form, refusal)
        return redirect(f"{HOME}?saved={receipt.state.value}")

    @door.get(HOME + A_CASE + "/faces/{recording_id}")
    async def face(
        self, session: Judge, region: RegionPath, case_id: CasePath, recording_id: UUID
    ) -> Response:
        """An image of one of a case's recordings; this look is written down, too."""
        now = self.doors.clock.now()
        async with self.doors.database.begin() as transaction:
            shown = await steps.show(
                transaction, region, case_id, session.caller.subject, steps.FACE_VIEWED, now
            )
            home = _homes(shown).get(recording_id)
            if home is None:
                raise NotFound("That recording is not in this case.")
            if recording_id not in await self.faces.here(transaction, [(home, recording_id)]):
                raise NotFound("That image is not here yet.")
        image = await self.faces.read(home, recording_id)
        kind = next((kind for start, kind in _STARTS.items() if image.startswith(start)), None)
        if kind is None:
            image, kind = _UNREADABLE, "image/svg+xml"
        return Response(image, media_type=kind, headers=HEADERS)

    async def _refused(
        self,
        session: Session,
        region: str,
        case_id: UUID,
        form: Mapping[str, str],
        refusal: Refusal,
    ) -> Response:
        """The case as it stands now, with what was typed, and why it was not taken."""
        if isinstance(refusal, NotFound):
            raise refusal
        fault = ("kasus", refusal.next_action_id, f"{refusal.title}. {refusal.next_action}")
        return await self._case(session, region, case_id, form, [fault], refusal.status)

    async def _case(
        self,
        session: Session,
        region: str,
        case_id: UUID,
        form: Mapping[str, str],
        faults: list[Fault],
        status: int = 422,
        first: int = 1,
    ) -> Response:
        now = self.doors.clock.now()
        officer = session.caller.subject
        async with self.doors.database.begin() as transaction:
            shown = await steps.show(transaction, region, case_id, officer, steps.CASE_VIEWED, now)
            faces = await self.faces.here(transaction, list(_pairs(shown)))
        facts = shown.facts
        claim = rules.live_claim(facts.case, now)
        why_not = rules.why_not(facts, officer, now)
        return self.pages.answer(
            "case.html",
            session=session,
            status=status if faults else 200,
            it=presentation.case_shown(shown, officer, faces, first),
            brief=views.summary(
                facts.case, facts.counted, len(shown.candidates), self.doors.days_max, now
            ),
            first=first,
            claim=claim,
            is_mine=claim is not None and claim.officer == officer,
            why_not=why_not,
            has_voted=facts.has_voted(officer),
            form=form,
            faults=faults,
            fields={one for one, _, _ in faults},
            words=words,
            home=HOME,
            limits=(rules.WORDS_CHARACTERS_MIN, rules.WORDS_CHARACTERS_MAX),
        )


def _pairs(shown: Shown) -> Collection[tuple[str, UUID]]:
    return [(region, one) for one, region in _homes(shown).items()]


def _homes(shown: Shown) -> dict[UUID, str]:
    """The region of each recording of a case."""
    case = shown.facts.case
    homes = {one.recording_id: one.region for one in shown.candidates}
    return homes | {case.recording_id: case.region}


def read_vote(form: Mapping[str, str]) -> tuple[GivenVote | None, list[Fault]]:
    """The vote a form holds, or what is to be corrected in it."""
    faults: list[Fault] = []
    try:
        verdict, rival = presentation.read_choice(form.get("verdict", ""))
    except ValueError:
        verdict, rival = rules.Verdict.DIFFERENT_PEOPLE, None
        faults.append(("putusan-0", "Pilih satu putusan.", "Choose a verdict."))
    try:
        reason = rules.Reason(form.get("reason", ""))
    except ValueError:
        reason = rules.Reason.OTHER
        faults.append(("alasan", "Pilih alasan.", "Choose a reason."))
    else:
        if not faults and reason not in rules.REASONS[verdict]:
            faults.append(
                (
                    "alasan",
                    "Alasan ini tidak cocok dengan putusannya.",
                    "This reason does not go with the verdict.",
                )
            )
    try:
        said = _WORDS.validate_python(form.get("words", "").replace("\r\n", "\n"))
    except ValidationError:
        said = ""
        least, most = rules.WORDS_CHARACTERS_MIN, rules.WORDS_CHARACTERS_MAX
        faults.append(
            (
                "kata",
                f"Jelaskan dengan {least} sampai {most} huruf.",
                f"Explain in {least} to {most} characters.",
            )
        )
    edition = form.get("edition", "")
    if faults or not (edition.isascii() and edition.isdigit() and 0 < len(edition) < 7):
        return None, faults or [("kasus", "Muat ulang kasus ini.", "Load this case again.")]
    given = GivenVote(
        edition=int(edition), verdict=verdict, rival_recording_id=rival, reason=reason, words=said
    )
    return given, []
