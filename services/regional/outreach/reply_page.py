"""The page a letter's code opens: an answer without coming. No script, no name, no session."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from fastapi import Request, Response

from services.regional.outreach import forms, steps, words
from services.regional.outreach.forms import Fault
from services.regional.outreach.routes import Outreach
from services.regional.outreach.rules import ALPHABET, TOKEN_SIGNS
from shared.doors.room import door
from shared.limits import Limiter, address_of
from shared.pages.language import Language
from shared.pages.render import Pages
from shared.pages.room import OpenForm, PageDoors, Speech, redirect

LETTERS = "/letters"
THANKS = f"{LETTERS}/thanks"
_FORGET = {"x-robots-tag": "noindex", "cache-control": "no-store"}


@dataclass(frozen=True)
class ReplyPages(PageDoors):
    """Every letter's page looks the same, known or not: who guesses learns nothing."""

    outreach: Outreach
    pages: Pages
    addresses: Limiter

    @door.get(THANKS)
    async def thanks_page(self, language: Speech) -> Response:
        return self.pages.answer(
            "reply_thanks.html", language=language, office=self.outreach.office, headers=_FORGET
        )

    @door.get(LETTERS + "/{token}")
    async def reply_page(self, token: str, language: Speech) -> Response:
        return self._page(token, language, [], {})

    @door.post(LETTERS + "/{token}")
    async def take_reply(
        self, request: Request, token: str, language: Speech, form: OpenForm
    ) -> Response:
        noting = self.outreach.noting(None)
        read, faults = forms.read_reply(form, noting.today)
        if read is None:
            return self._page(token, language, faults, form, 422)
        wait = self.addresses.wait_seconds(
            address_of(request.client.host if request.client else ""), noting.now.timestamp()
        )
        if wait:
            answer = self._page(token, language, [("day", words.TOO_OFTEN)], form, 429)
            answer.headers["retry-after"] = str(ceil(wait))
            return answer
        birth_date, heard = read
        is_taken = await self.outreach.database.repeat(
            lambda transaction: steps.reply(transaction, token, birth_date, heard, noting)
        )
        if not is_taken:
            return self._page(token, language, [("day", words.NOT_TAKEN)], form, 403)
        return redirect(f"{THANKS}?lang=en" if language is Language.ENGLISH else THANKS)

    def _page(
        self,
        token: str,
        language: Language,
        faults: list[Fault],
        form: Mapping[str, str],
        status: int = 200,
    ) -> Response:
        is_token = len(token) == TOKEN_SIGNS and set(token) <= set(ALPHABET)
        return self.pages.answer(
            "reply.html",
            language=language,
            status=status,
            headers=_FORGET,
            token=token if is_token else "-",
            faults=faults,
            wrong={field for field, _ in faults},
            form=form,
            words=words,
            office=self.outreach.office,
        )
