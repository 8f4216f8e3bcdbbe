"""The outer wall: which region's certificate the front server saw, by RFC 9440's `Client-Cert`.

The front ends TLS, believes our own authority alone, and hands the certificate on. It is believed
from a trusted front only, and only beside the region's signature, never instead of it.
"""

from base64 import b64decode

from cryptography import x509
from fastapi import Request

from shared.doors.guard import FRONT
from shared.refusals import Refusal

CLIENT_CERT = "Client-Cert"
CERTIFICATE_CHARACTERS_MAX = 16_384
SCHEME, PLACE = "spiffe://", "region"


class CertificateOfAnother(Refusal):
    """The message came under no certificate of a region, or under another region's.

    Its signature was not looked at. The front server asks for certificates; see its settings.
    """

    code, status = "certificate-of-another", 401
    title = "The certificate of this connection is not this region's"
    next_action = "Give the region's server its own certificate (…CLIENT_CERTIFICATE), restart it."
    next_action_id = "Pasang sertifikat milik daerah ini (…CLIENT_CERTIFICATE), mulai ulang server."


def check_certificate(request: Request, region: str) -> None:
    """Refuses: CertificateOfAnother."""
    told = request.headers.get(CLIENT_CERT, "")
    if FRONT not in request.scope or region_of_certificate(told) != region:
        raise CertificateOfAnother


def region_of_certificate(told: str) -> str | None:
    """The region that a certificate names: the one URI `spiffe://<trust domain>/region/61.72`."""
    if len(told) > CERTIFICATE_CHARACTERS_MAX or told[:1] != ":" or told[-1:] != ":":
        return None
    try:
        certificate = x509.load_der_x509_certificate(b64decode(told[1:-1], validate=True))
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        uris = names.value.get_values_for_type(x509.UniformResourceIdentifier)
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return None
    if len(uris) != 1 or not uris[0].startswith(SCHEME):
        return None
    place, _, region = uris[0].removeprefix(SCHEME).partition("/")[2].partition("/")
    return region if place == PLACE else None
