"""Puts what is told into the words of one language: for the page, the API and a short message."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from services.regional.citizen import curves, labels, views, words
from services.regional.citizen.curves import Range
from services.regional.citizen.rules import (
    InQueue,
    StepShown,
    UntilDay,
    Wait,
    WaitStage,
    short_code,
)
from services.regional.citizen.steps import Learnt, PrintedEarlier, Told
from services.regional.citizen.words import CauseWords, StatusWords
from services.regional.journey.overtakes import OvertakeCause
from services.regional.journey.rules import OfficialStatus
from shared.pages import moments
from shared.pages.language import N_, Language, translations

TEMPLATES = Path(__file__).parent / "templates"
MESSAGE_CHARACTERS_MAX = 160
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0

_RANGE = N_("antara %(least)s dan %(most)s lagi")
_UP_TO = N_("sampai %(most)s lagi")
_OPEN = N_("lebih dari %(least)s lagi")
_AT_ONCE = N_("kurang dari satu menit lagi")
_USUAL = N_("biasanya %(least)s sampai %(most)s")
_USUAL_UP_TO = N_("biasanya sampai %(most)s")
_USUAL_OPEN = N_("biasanya lebih dari %(least)s")
_FROM_DAY = N_("mulai %(day)s")
_BEFORE = N_("%(count)s lagi sebelum Anda %(queue)s")
_BEFORE_AT_LEAST = N_("lebih dari %(count)s lagi sebelum Anda %(queue)s")
_NEXT = N_("Anda yang berikutnya %(queue)s")
_EARLIER = N_("Direkam sesudah Anda dan diizinkan lebih dahulu: %(count)s.")
_PRINTED_EARLIER = N_(
    "Kartu dengan izin lebih muda yang dicetak lebih dahulu: %(cards)s; "
    "%(exceptions)s di antaranya dengan pengecualian. Selebihnya termasuk izin-izin tertua, yang "
    "boleh dicetak dalam urutan apa pun, misalnya karena orangnya datang."
)
_NONE_PRINTED_EARLIER = N_("Tidak ada kartu dengan izin lebih muda yang dicetak lebih dahulu.")
_MESSAGE = N_("KTP-el: %(status)s sejak %(since)s. %(to_do)s. Kode %(code)s")
_MESSAGE_NO_TIME = N_("KTP-el: %(status)s. %(to_do)s. Kode %(code)s")
_MESSAGE_WAIT = N_("Perkiraan: %(wait)s.")
_MESSAGE_DAY = N_("Mulai %(day)s.")


class Speaker:
    """One office's words. zone: WIB, WITA or WIT, in which moments are told."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._speech = {
            language: translations([TEMPLATES], language).gettext for language in Language
        }

    def status(self, told: Told, language: Language) -> views.StatusView:
        """Of somebody's recording."""
        say = self._speech[language]
        standing = told.standing
        said = words.status_words(standing, has_moved_away=told.has_moved_away)
        cause = words.cause_words(standing, has_moved_away=told.has_moved_away)
        found = labels.REASONS.get(standing.reason or "")
        wait = self._wait(told.wait, language)
        code = short_code(standing.official_status)
        return views.StatusView(
            official_status=standing.official_status,
            code=code,
            title=say(said.title),
            meaning=say(said.meaning),
            since=standing.since,
            why=say(cause.why),
            found=say(found) if found else None,
            who_acts=say(labels.ACTORS[cause.actor]),
            to_do=say(cause.to_do),
            bring=say(cause.bring) if cause.bring else None,
            wait=wait,
            place=self._place(told.place, language) if told.place else None,
            steps=[self._step(one, language) for one in told.steps],
            earlier=None if told.earlier is None else self._earlier(told.earlier, language),
            printed_earlier=self._printed_earlier(told.printed_earlier, language)
            if told.printed_earlier
            else None,
            earlier_as_of=told.learnt_at,
            is_past=told.is_past,
            short_message=self._message(said, cause, code, standing.since, wait, language),
        )

    def not_recorded(self, language: Language) -> views.StatusView:
        """Of somebody on the residents' list who was never recorded here."""
        return self._without_steps(OfficialStatus.UNREGISTERED, words.NOT_RECORDED, language)

    def recorded_elsewhere(self, status: OfficialStatus, language: Language) -> views.StatusView:
        """Of somebody who moved here with a recording of another region."""
        return self._without_steps(status, words.MOVED_IN[status], language)

    def _without_steps(
        self, status: OfficialStatus, cause: CauseWords, language: Language
    ) -> views.StatusView:
        say = self._speech[language]
        said, code = words.STATUSES[status], short_code(status)
        return views.StatusView(
            official_status=status,
            code=code,
            title=say(said.title),
            meaning=say(said.meaning),
            since=None,
            why=say(cause.why),
            found=None,
            who_acts=say(labels.ACTORS[cause.actor]),
            to_do=say(cause.to_do),
            bring=say(cause.bring) if cause.bring else None,
            wait=None,
            place=None,
            steps=[],
            earlier=None,
            printed_earlier=None,
            earlier_as_of=None,
            is_past=False,
            short_message=self._message(said, cause, code, None, None, language),
        )

    def _message(
        self,
        said: StatusWords,
        cause: CauseWords,
        code: str,
        since: datetime | None,
        wait: views.EstimateView | None,
        language: Language,
    ) -> str:
        """At most MESSAGE_CHARACTERS_MAX; the wait is told when there is room for it."""
        say = self._speech[language]
        values = {"status": say(said.short), "to_do": say(cause.short), "code": code}
        if since is None:
            return say(_MESSAGE_NO_TIME) % values
        values["since"] = moments.short_moment(since, self.zone, language)
        text = say(_MESSAGE) % values
        more = ""
        if wait is not None and wait.day is not None:
            more = say(_MESSAGE_DAY) % {"day": wait.day.strftime("%d/%m/%y")}
        elif wait is not None and wait.kind == "range":
            more = say(_MESSAGE_WAIT) % {"wait": wait.text}
        whole = f"{text}. {more}" if more else text
        return whole if len(whole) <= MESSAGE_CHARACTERS_MAX else text

    def _wait(self, wait: Wait, language: Language) -> views.EstimateView:
        say = self._speech[language]
        shown = views.EstimateView(
            kind="range", from_seconds=None, to_seconds=None, day=None, text=""
        )
        if isinstance(wait, Range):
            shown.from_seconds, shown.to_seconds = wait.from_seconds, wait.to_seconds
            shown.text = _in_words(wait, language, say, (_RANGE, _UP_TO, _OPEN))
        elif isinstance(wait, UntilDay):
            shown.kind, shown.day = "day", wait.day
            shown.text = say(_FROM_DAY) % {"day": moments.day(wait.day, language)}
        else:
            shown.kind = wait.value
            shown.text = say(labels.NO_RANGES[wait])
        return shown

    def _place(self, place: InQueue, language: Language) -> views.QueuePlaceView:
        say = self._speech[language]
        text = _NEXT if not place.before else _BEFORE
        values = {
            "queue": say(labels.PLACES[place.place]),
            "count": moments.number(place.before, 0, language),
        }
        return views.QueuePlaceView(
            queue=place.place,
            before=place.before,
            at_least=place.at_least,
            text=say(_BEFORE_AT_LEAST if place.at_least else text) % values,
        )

    def _step(self, one: StepShown, language: Language) -> views.StepView:
        say = self._speech[language]
        told = (_USUAL, _USUAL_UP_TO, _USUAL_OPEN)
        return views.StepView(
            step=one.step,
            title=say(labels.STEPS[one.step]),
            state=one.state,
            state_text=say(labels.STEP_STATES[one.state]),
            at=one.at,
            usual=_in_words(one.usual, language, say, told) if one.usual else None,
        )

    def _earlier(
        self, found: Mapping[OvertakeCause, int], language: Language
    ) -> list[views.EarlierView]:
        say = self._speech[language]
        return [
            views.EarlierView(
                cause=cause,
                recordings=count,
                text=say(_EARLIER) % {"count": moments.number(count, 0, language)}
                + " "
                + say(labels.EARLIER[cause]),
            )
            for cause, count in found.items()
        ]

    def ground(self, reason: str, language: Language) -> str:
        """Why a card was printed out of turn; a reason unknown here stays as it is."""
        known = labels.GROUNDS.get(reason)
        return self._speech[language](known) if known else reason

    def _printed_earlier(
        self, found: PrintedEarlier, language: Language
    ) -> views.PrintedEarlierView:
        text = _PRINTED_EARLIER if found.cards else _NONE_PRINTED_EARLIER
        values = {
            name: moments.number(count, 0, language)
            for name, count in (("cards", found.cards), ("exceptions", found.by_exception))
        }
        return views.PrintedEarlierView(
            cards=found.cards,
            by_exception=found.by_exception,
            text=self._speech[language](text) % values,
        )

    def fairness(self, learnt: Learnt, language: Language) -> views.FairnessReport:
        say = self._speech[language]
        return views.FairnessReport(
            since=learnt.since,
            counted_at=learnt.at,
            permitted=learnt.permitted,
            overtakes=[
                views.OvertakeView(cause=cause, pairs=pairs, text=say(labels.OVERTAKES[cause]))
                for cause, pairs in sorted(learnt.overtakes.items(), key=lambda one: -one[1])
            ],
            unexplained=learnt.overtakes.get(OvertakeCause.UNEXPLAINED, 0),
            waits=[_quantiles(stage, learnt, say) for stage in WaitStage],
            exceptions=[
                views.ExceptionsView(reason=reason, cards=cards, text=self.ground(reason, language))
                for reason, cards in sorted(learnt.exceptions_by_reason.items())
            ],
        )


def _quantiles(stage: WaitStage, learnt: Learnt, say: Callable[[str], str]) -> views.QuantilesView:
    curve = learnt.curves[stage]
    enough = curve.count >= curves.ENOUGH
    early, half, late = (
        curve.when_left(share) if enough else None
        for share in (1 - curves.EARLY_SHARE, 0.5, 1 - curves.LATE_SHARE)
    )
    return views.QuantilesView(
        stage=stage,
        text=say(labels.WAITS[stage]),
        ended=curve.count,
        waiting=curve.waiting,
        p10=early,
        p50=half,
        p90=late,
    )


def _in_words(
    found: Range, language: Language, say: Callable[[str], str], told: tuple[str, str, str]
) -> str:
    between, up_to, more_than = told
    least = _lasting(found.from_seconds, language, up=False)
    if found.to_seconds is None:
        return say(more_than) % {"least": least}
    if found.to_seconds < MINUTE:
        return say(_AT_ONCE)
    most = _lasting(found.to_seconds, language, up=True)
    if found.from_seconds < MINUTE or least == most:
        return say(up_to) % {"most": most}
    return say(between) % {"least": least, "most": most}


def _lasting(seconds: float, language: Language, *, up: bool) -> str:
    """Rounded down, or up, to whole days, hours or minutes."""
    unit = DAY if seconds >= 2 * DAY else HOUR if seconds >= 2 * HOUR else MINUTE
    return moments.lasting(timedelta(seconds=seconds + (unit - 1 if up else 0)), language)
