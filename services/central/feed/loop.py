"""Wake long polls: one look at the database serves all who wait in this process."""

import asyncio

POLL_SECONDS = 0.25


class NewEntries:
    """Rung whenever this process published something; others' publications are found by polling."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until rung or `seconds` have passed, whichever is first; at most POLL_SECONDS."""
        try:
            async with asyncio.timeout(min(seconds, POLL_SECONDS)):
                await self._event.wait()
        except TimeoutError:
            return
