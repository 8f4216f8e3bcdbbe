"""The hunt finds what it is for, however it was written, and nothing else."""

from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest

from tests.canaries import Canary, everything_of, leaks

pytestmark = pytest.mark.rules
ONE, OTHER = Canary(1), Canary(2)
WANTED = everything_of([ONE])
NAME, NIK = ONE.word("name"), ONE.nik


@pytest.mark.parametrize(
    "said",
    [
        NAME,
        NAME.lower(),
        f"JALAN {ONE.word('street').title()} 7",
        quote(NAME),
        "".join(f"%{byte:02X}" for byte in NAME.encode()),
        NAME.encode().hex().upper(),
        b64encode(f"x{NAME} y".encode()).decode(),
        urlsafe_b64encode(f"xy{NAME}".encode()).decode(),
        b64encode(f'{{"name":"{NAME}"}}'.encode()).decode(),
        NIK,
        f"{NIK[:6]} {NIK[6:12]} {NIK[12:]}",
        f"{NIK[:2]}.{NIK[2:4]}.{NIK[4:6]}.{NIK[6:12]}.{NIK[12:]}",
        b64encode(next(ONE.raw())).decode(),
        next(ONE.raw()).hex(),
    ],
)
def test_a_canary_is_found_however_it_is_written(said: str) -> None:
    assert len(leaks(WANTED, {"a log": b"ahead " * 300_000 + said.encode() + b" behind"})) == 1


def test_bytes_are_found_as_they_are() -> None:
    assert leaks(WANTED, {"a file": b"\0" + ONE.image}) != []


def test_nobody_is_found_where_only_others_are() -> None:
    said = "".join([*OTHER.words(), *(b64encode(one).decode() for one in OTHER.raw())]).encode()

    assert leaks(WANTED, {"a log": said, "nothing": b"", "short": b"x"}) == []
