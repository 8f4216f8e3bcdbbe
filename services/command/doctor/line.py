"""The line to the centre, layer by layer from below: name, connection, answer, clock.

A broken line is a warning, not a failure: recording goes on without it.
"""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from services.command.doctor.expiry import context_of
from services.command.doctor.findings import Good, State, Trouble, Verdict
from services.command.local import LINE_NAME
from services.regional.central_client.credentials import tls_trouble
from shared.clock import Clock

CONNECT_SECONDS_MAX = 3.0
ANSWER_SECONDS_MAX = 5.0
CLOCK_OFFSET_SECONDS_MAX = 30.0  # what a token's and a signature's times may be apart


@dataclass(slots=True)
class LineExaminer:
    """Each layer keeps what the next one needs."""

    address: str
    clock: Clock
    control: str | None  # the simulated line's control API, where there is one
    environment: Mapping[str, str] = field(default_factory=dict)
    centre_date: datetime | None = None
    asked_at: datetime | None = None

    def dns(self) -> Verdict:
        parts = urlsplit(self.address)
        if not parts.hostname or parts.scheme not in ("http", "https"):
            return Trouble(
                "the centre's address is no http(s) address",
                "Correct TUNGGAL_REGIONAL_CENTRE_ADDRESS.",
            )
        try:
            found = socket.getaddrinfo(parts.hostname, self._port, type=socket.SOCK_STREAM)
        except OSError:
            return Trouble(
                f"the name {parts.hostname} is not known here",
                "Correct TUNGGAL_REGIONAL_CENTRE_ADDRESS, or this machine's name server.",
                State.WARNING,
            )
        return Good(f"{parts.hostname} is {found[0][4][0]}")

    def tcp(self) -> Verdict:
        try:
            with socket.create_connection((self._host, self._port), CONNECT_SECONDS_MAX):
                return Good(f"{self._host}:{self._port} takes connections")
        except TimeoutError:
            found = f"{self._host}:{self._port} does not answer within {CONNECT_SECONDS_MAX:.0f} s"
            fix = "Ask the line's provider; packets get lost on the way. Recording goes on."
        except OSError:
            found = f"{self._host}:{self._port} refuses connections"
            fix = "The line is cut or the centre is stopped: start the centre, or wait."
        if self.control is not None:
            fix = (
                "The simulated line is cut. Restore it: "
                f"curl -d '{{\"enabled\":true}}' {self.control}/proxies/{LINE_NAME}"
            )
        return Trouble(found, fix, State.WARNING)

    def tls(self) -> Verdict:
        if urlsplit(self.address).scheme == "http":
            return Good("no TLS: the address begins with http")
        try:
            with (
                socket.create_connection((self._host, self._port), CONNECT_SECONDS_MAX) as plain,
                context_of(self.environment).wrap_socket(plain, server_hostname=self._host) as safe,
            ):
                return Good(safe.version() or "TLS")
        except FileNotFoundError:
            return Trouble(
                "a certificate the settings name is not there",
                "Correct TUNGGAL_REGIONAL_CENTRE_CA, _CLIENT_CERTIFICATE or _CLIENT_KEY.",
            )
        except ssl.SSLCertVerificationError as unproven:
            fix = "Renew the centre's certificate, or trust its issuer on this machine."
            return Trouble(f"certificate: {unproven.verify_message}", fix, State.WARNING)
        except OSError:
            fix = "Look whether something on the way breaks TLS, or the port is not the centre's."
            return Trouble("the TLS handshake fails", fix, State.WARNING)

    def http(self) -> Verdict:
        self.asked_at = self.clock.now()
        try:
            answer = httpx.get(
                f"{self.address.rstrip('/')}/livez",
                timeout=ANSWER_SECONDS_MAX,
                trust_env=False,
                verify=self._is_tls and context_of(self.environment),
            )
        except httpx.HTTPError as trouble:
            if (told := tls_trouble(trouble)) is not None:
                fix = "The centre's front refuses this region's certificate: look at expiry."
                return Trouble(told, fix, State.WARNING)
            found = f"connected, and no answer ({type(trouble).__name__})"
            fix = "The line swallows what is sent, or the centre hangs: look at the centre first."
            if self.control is not None:
                fix = f"If central.* is ok, lift the faults: curl -X POST {self.control}/reset"
            return Trouble(found, fix, State.WARNING)
        if answer.status_code != httpx.codes.OK:
            return Trouble(
                f"an answer with status {answer.status_code}, not the centre's",
                "Something else answers at TUNGGAL_REGIONAL_CENTRE_ADDRESS: correct it.",
                State.WARNING,
            )
        told = answer.headers.get("date")
        self.centre_date = parsedate_to_datetime(told) if told else None
        took = (self.clock.now() - self.asked_at).total_seconds()
        return Good(f"the centre answers in {took * 1000:.0f} ms")

    def clock_offset(self) -> Verdict:
        """Good to about a second: an HTTP date has no fractions."""
        if self.centre_date is None or self.asked_at is None:
            return Trouble("the centre tells no time", "Look whether a proxy removes Date headers.")
        offset = (self.asked_at - self.centre_date.astimezone(UTC)).total_seconds()
        if abs(offset) > CLOCK_OFFSET_SECONDS_MAX:
            ahead = "ahead of" if offset > 0 else "behind"
            return Trouble(
                f"this clock is {abs(offset):.0f} s {ahead} the centre's",
                "Set the clocks by network: timedatectl set-ntp true",
                State.WARNING,
            )
        return Good(f"within {max(1.0, abs(offset)):.0f} s of the centre's")

    @property
    def _is_tls(self) -> bool:
        return urlsplit(self.address).scheme == "https"

    @property
    def _host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def _port(self) -> int:
        parts = urlsplit(self.address)
        return parts.port or (443 if parts.scheme == "https" else 80)
