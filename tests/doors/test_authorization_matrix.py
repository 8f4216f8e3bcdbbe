"""The whole matrix: every door of both services, by every role, and by all who should not come.

Expected is what a door declares: `x-roles` in the OpenAPI document, the session's roles at a page.
A door that behaves otherwise, and one that is guarded by nothing and not known to be open, fails.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import httpx
import pytest

from services.command import security_report
from services.command.servers import Service
from shared.roles import Role
from shared.signing import SIGNATURE_HEADER
from tests.doors.hostile_tokens import Forger
from tests.doors.known_doors import KnownDoor, doors_of
from tests.doors.operation_calls import Call, every_call, is_problem
from tests.doors.page_browser import Browser
from tests.town import NEIGHBOUR, REGION, Served, Town

pytestmark = pytest.mark.security
SERVICES = (Service.CENTRAL, Service.REGIONAL)
# Without a word of who one is: pages of the API and its problems, files, and what citizens read.
OPEN_PAGES = frozenset(
    {
        "/openapi.json",
        "/assets",
        "/assets/redoc.standalone.js",
        "/docs",
        "/docs/start.js",
        "/redoc",
        "/problems",
        "/problems/{code}",
        "/pages/{name}",
        "/sign-in",
        "/coverage",
        "/coverage.csv",
        "/coverage.json",
        "/suket/{token}",
        "/status",
        "/status/{token}",
        "/fairness",
        "/fairness.csv",
        "/letters/thanks",
        "/letters/{token}",
        "/field",
    }
)
# Signed in as whoever it be.
ANYBODYS_PAGES = frozenset({"/sign-out"})
HOMES = {Service.CENTRAL: (None, "/adjudication"), Service.REGIONAL: (REGION, "/office")}
HELD_BACK = frozenset({429, 503})


@dataclass
class Matrix:
    """What was tried, and what answered otherwise than declared."""

    cases: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    doors: set[str] = field(default_factory=set)

    def note(self, door: str, kind: str, answer: httpx.Response, *, is_as_declared: bool) -> None:
        self.cases[kind] += 1
        self.doors.add(door)
        if not is_as_declared:
            self.failures.append(f"{door} for {kind}: {answer.status_code} {answer.text[:90]}")


def is_let_in(answer: httpx.Response) -> bool:
    """Past the guard, whatever the room then says: nothing that merely kept us waiting."""
    return answer.status_code not in {401, 403} | HELD_BACK and answer.status_code < 500


def says_how(answer: httpx.Response) -> bool:
    """Whoever is not known is told how to say who they are."""
    told = answer.headers.get("www-authenticate", "")
    return told.startswith("Bearer") == (answer.status_code == 401)


def is_refused_for_its_role(answer: httpx.Response, call: Call) -> bool:
    return is_problem(answer, 403, "forbidden") and answer.json()["needs"] == sorted(call.roles)


def inside(served: Served) -> httpx.AsyncClient:
    """Asks the running application without a socket: thousands of refusals in seconds."""
    assert served.app is not None
    transport = httpx.ASGITransport(app=served.app)
    return httpx.AsyncClient(transport=transport, base_url=served.address)


async def try_every_role(town: Town, calls: Sequence[Call], matrix: Matrix) -> None:
    for service in SERVICES:
        for role in Role:
            client = town.at_centre(role) if service is Service.CENTRAL else town.at_region(role)
            for call in (one for one in calls if one.service is service):
                answer = await call.send(client)
                is_meant = role in call.roles
                fits = is_let_in(answer) if is_meant else is_refused_for_its_role(answer, call)
                matrix.note(f"{service} {call.name}", f"role {role}", answer, is_as_declared=fits)


async def try_every_hostile_token(town: Town, calls: Sequence[Call], matrix: Matrix) -> None:
    for service, ours, elsewhere in (
        (Service.CENTRAL, None, REGION),
        (Service.REGIONAL, REGION, NEIGHBOUR),
    ):
        hostile = [
            (kind, token, 401, "unauthenticated") for kind, token in Forger(town, ours).all()
        ]
        for kind, token in (
            ("every role of another region", town.token(*Role, region=elsewhere)),
            ("no role", town.token(region=ours)),
        ):
            hostile.append((kind, token, 403, "forbidden"))
        served = town.centre if service is Service.CENTRAL else town.region
        async with inside(served) as nobody:
            for call in (one for one in calls if one.service is service):
                for kind, token, status, code in hostile:
                    answer = await call.send(nobody, headers=call.headed(token))
                    fits = is_problem(answer, status, code) and says_how(answer)
                    matrix.note(f"{service} {call.name}", kind, answer, is_as_declared=fits)


async def try_operations_from_outside(town: Town, calls: Sequence[Call], matrix: Matrix) -> None:
    """Whoever is of no region acts at one for operations, and in no other role."""
    token = town.token(*Role, region=None)
    client = town.stranger(town.region)
    for call in calls:
        if call.service is Service.REGIONAL:
            answer = await call.send(client, headers=call.headed(token))
            fits = is_let_in(answer) == (Role.OPERATIONS in call.roles)
            door = f"regional {call.name}"
            matrix.note(door, "every role of no region", answer, is_as_declared=fits)


async def try_one_office(town: Town, calls: Sequence[Call], matrix: Matrix) -> None:
    """Whoever is bound to one office of the region does all but what concerns the whole of it."""
    ours = town.token(*Role, office=f"{REGION}.02")
    others = town.token(*Role, office=f"{NEIGHBOUR}.02")
    client = town.stranger(town.region)
    for call in calls:
        if call.service is not Service.REGIONAL:
            continue
        door = f"regional {call.name}"
        answer = await call.send(client, headers=call.headed(ours))
        fits = is_let_in(answer) != call.is_of_whole_region
        matrix.note(door, "every role of one office", answer, is_as_declared=fits)
        answer = await call.send(client, headers=call.headed(others))
        fits = is_problem(answer, 403, "forbidden")
        matrix.note(door, "every role of an office elsewhere", answer, is_as_declared=fits)


async def try_tokens_where_signatures_count(
    town: Town, calls: Sequence[Call], matrix: Matrix
) -> None:
    """A person's token is no region's signature, wherever it is put."""
    token = town.token(*Role, region=None)
    client = town.at_centre()
    for call in calls:
        for kind, more in {
            "every role at a signed door": {},
            "every role as a signature": {SIGNATURE_HEADER: token},
        }.items():
            answer = await call.send(client, headers=call.headed(token) | more)
            fits = is_problem(answer, 401, "region-not-proven")
            matrix.note(f"central {call.name}", kind, answer, is_as_declared=fits)


async def try_every_page(town: Town, matrix: Matrix) -> None:
    for service in SERVICES:
        served = town.centre if service is Service.CENTRAL else town.region
        assert served.app is not None
        pages = [one for one in doors_of(served.app) if not one.is_operation]
        matrix.failures += unguarded(pages)
        nobody = Browser(town.stranger(served))
        await try_pages(nobody, service, pages, None, matrix)
        for role in Role:
            browser = Browser(town.stranger(served))
            region, home = HOMES[service]
            if service is Service.CENTRAL and role is not Role.ADJUDICATOR:
                home = "/signed-in"  # the only page of theirs that has a form
            await browser.sign_in(town.token(role, region=region), home=home)
            await try_pages(browser, service, pages, role, matrix)


async def try_pages(
    browser: Browser,
    service: Service,
    pages: Sequence[KnownDoor],
    role: Role | None,
    matrix: Matrix,
) -> None:
    kind = f"session of {role}" if role else "no session"
    for page in pages:
        if page.roles is None:
            continue
        answer = await browser.ask(page.method, page.path)
        is_sent_away = answer.headers.get("location", "").startswith("/sign-in")
        if role is None:
            fits = is_sent_away
        elif role in page.roles:
            fits = is_let_in(answer) and not is_sent_away
        else:
            fits = answer.status_code == 403
        matrix.note(f"{service} {page}", kind, answer, is_as_declared=fits)


def unguarded(pages: Sequence[KnownDoor]) -> Iterator[str]:
    """Pages that anybody may open though nobody said so here."""
    for page in pages:
        if page.roles is None and page.template not in OPEN_PAGES | ANYBODYS_PAGES:
            yield f"{page} is guarded by nothing"


# Some five thousand calls: seconds alone, minutes on a machine that many share.
@pytest.mark.timeout(900)
async def test_every_door_answers_every_caller_as_it_declares(standing_town: Town) -> None:
    calls = list(every_call())
    guarded = [call for call in calls if call.roles]
    signed = [call for call in calls if call.is_signed]
    matrix = Matrix()

    await try_every_role(standing_town, guarded, matrix)
    await try_every_hostile_token(standing_town, guarded, matrix)
    await try_operations_from_outside(standing_town, guarded, matrix)
    await try_tokens_where_signatures_count(standing_town, signed, matrix)
    await try_every_page(standing_town, matrix)

    security_report.put(
        {
            "operations": len(matrix.doors),
            "matrix_cases": matrix.cases.total(),
            "matrix_failures": len(matrix.failures),
        }
    )
    assert matrix.failures == []
    assert len(matrix.doors) >= 200
    # Each kind of caller came to every door it was meant for.
    assert {kind: count for kind, count in matrix.cases.items() if count < len(signed)} == {}


async def test_a_door_that_opens_otherwise_than_declared_is_found(standing_town: Town) -> None:
    """The matrix itself: it sees a role too many, one too few, and a page that guards nothing."""
    call = next(one for one in every_call() if one.roles == {Role.OFFICER, Role.HEAD_OF_OFFICE})
    matrix = Matrix()

    await try_every_role(
        standing_town, [replace(call, roles=frozenset({Role.OFFICER, Role.PRINTER}))], matrix
    )
    bare = KnownDoor("GET", "/office/secrets", "/office/secrets", None, is_operation=False)

    said = [one.partition(":")[0].partition(" for ")[2] for one in matrix.failures]
    # Whoever is refused is told other roles than declared, too.
    assert set(said) >= {f"role {Role.HEAD_OF_OFFICE}", f"role {Role.PRINTER}"}
    assert list(unguarded([bare])) == ["GET /office/secrets is guarded by nothing"]
