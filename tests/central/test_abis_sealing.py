"""Documents sealed for an ABIS, and settings that do not fit together."""

from base64 import urlsafe_b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from services.central.penunggalan.abis.sealing import Sealer
from services.central.penunggalan.abis.sharing import document_of
from services.central.settings import CentralSettings
from shared.iris import to_bytes
from shared.settings import UnfitSetting
from tests.abis import a_certificate, eyes_in, opened
from tests.eyes import an_eye

pytestmark = pytest.mark.rules


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2_048)


def test_a_sealed_document_opens_with_the_abis_own_key(
    key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    certificate = a_certificate(key)
    path = tmp_path / "abis.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    left, right = an_eye(1), an_eye(2)
    sealer = Sealer.of(path)

    one, other = (sealer.seal(document_of(to_bytes(left) + to_bytes(right))) for _ in range(2))

    eyes = dict(eyes_in(opened(key, one)))
    assert (eyes["Left"].tolist(), eyes["Right"].tolist()) == (left.tolist(), right.tolist())
    assert one != other, "no key is used twice"
    assert set(one) <= set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    head = urlsafe_b64decode(one[: 4 * 20])[: 6 + 32]
    der = certificate.public_bytes(serialization.Encoding.DER)
    assert head == b"VER_R2" + sha256(der).digest()


def test_an_eye_that_is_missing_is_not_in_the_document() -> None:
    document = document_of(bytes(len(to_bytes(an_eye(1)))) + to_bytes(an_eye(1)))

    assert [eye for eye, _ in eyes_in(document)] == ["Right"]


def test_only_for_rsa_can_be_sealed() -> None:
    with pytest.raises(TypeError, match="RSA"):
        Sealer(a_certificate(ed25519.Ed25519PrivateKey.generate()))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"ABIS_URL": "http://abis"}, "ABIS_SHARE_URL"),
        (
            {
                "ABIS_URL": "http://abis",
                "ABIS_SHARE_URL": "http://centre",
                "MATCHERS": "http://127.0.0.1:1",
            },
            "MATCHERS",
        ),
        ({"ABIS_URL": "http://user:word@abis"}, "ABIS_URL"),
    ],
)
def test_settings_that_do_not_fit_stop_the_start(given: dict[str, str], named: str) -> None:
    environment = {f"{CentralSettings.PREFIX}{name}": value for name, value in given.items()}

    with pytest.raises(UnfitSetting, match=named):
        CentralSettings.from_environment(environment)
