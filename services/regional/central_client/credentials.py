"""What a region proves itself with, and how long that will be believed."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from services.regional.central_client.key_words import KEY_TROUBLES, Told
from services.regional.central_client.own_key import OwnKey
from shared.lives import Life
from shared.signing import SigningKey

SIGNING_KEY = "signing_key"
CLIENT_CERTIFICATE = "client_certificate"
ALERT_SECONDS_MAX = 3.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """A region's signing key, and its TLS certificate where the line's front asks for one."""

    key: SigningKey | OwnKey
    certificate: Path | None = None  # PEM, read again at every look: it may be renewed
    trouble: Callable[[], str | None] = lambda: None  # the centre's last word on the key, if bad

    @property
    def refused(self) -> Told | None:
        """What the centre's last word on our key was, when it was refused."""
        return KEY_TROUBLES.get(self.trouble() or "")

    def lives(self) -> dict[str, Life]:
        """Lives of those that end, by name. Raises OSError or ValueError for a damaged file."""
        found = {}
        present = self.key.present
        if present.life is not None:
            found[SIGNING_KEY] = present.life
        if self.certificate is not None:
            found[CLIENT_CERTIFICATE] = life_of_certificate(self.certificate)
        return found


def life_of_certificate(path: Path) -> Life:
    """Of the first certificate in a PEM file. Raises OSError, ValueError."""
    first = x509.load_pem_x509_certificate(path.read_bytes())
    return Life(first.not_valid_before_utc, first.not_valid_after_utc)


@dataclass(frozen=True, slots=True)
class Tls:
    """How to speak TLS with the centre, and by which certificate of ours."""

    context: ssl.SSLContext
    certificate: Path | None


def tls_of(authority: Path | None, certificate: Path | None, key: Path | None) -> Tls | None:
    """None for the world's usual authorities and no certificate of ours.

    authority: PEM of the only authority that is believed. Raises OSError (ssl.SSLError is one).
    """
    if authority is None and certificate is None:
        return None
    context = ssl.create_default_context(cafile=str(authority) if authority else None)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return Tls(context, certificate)


def refused_by_tls(address: str, tls: Tls) -> str | None:
    """What the other side's TLS says of us, asked once more by a socket that waits; None: nothing.

    With TLS 1.3 a client's certificate is looked at after the client's handshake is done, and
    asyncio drops the alert that says so: the client sees a mere cut. Blocks for some seconds at
    most: call it in a thread.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 443
    try:
        with (
            socket.create_connection((host, port), ALERT_SECONDS_MAX) as plain,
            tls.context.wrap_socket(plain, server_hostname=host) as safe,
        ):
            return _cut_after_handshake(safe)
    except ssl.SSLError as trouble:
        return tls_trouble(trouble)
    except OSError:
        return None


def _cut_after_handshake(safe: ssl.SSLSocket) -> str | None:
    try:
        safe.sendall(b"HEAD /livez HTTP/1.1\r\nhost: centre\r\nconnection: close\r\n\r\n")
        is_cut = not safe.recv(1)
    except TimeoutError:
        return None
    except (ssl.SSLEOFError, ConnectionError):
        is_cut = True
    # Weather that always waits for the handshake to end is no weather.
    return "TLS: cut after the handshake, as a refused certificate of ours is" if is_cut else None


def tls_trouble(trouble: BaseException | None) -> str | None:
    """What TLS itself said, if it did: about the centre's certificate, or about ours."""
    while trouble is not None:
        if isinstance(trouble, ssl.SSLCertVerificationError):
            return f"the centre's certificate: {trouble.verify_message}"
        if isinstance(trouble, ssl.SSLError) and trouble.reason:
            return f"TLS: {trouble.reason.lower().replace('_', ' ')}"
        trouble = trouble.__cause__ or trouble.__context__
    return None
