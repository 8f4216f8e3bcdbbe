"""A document sealed for one ABIS: as MOSIP seals what it shares, for a partner's certificate.

Base64 (for URLs) of: "VER_R2", the certificate's SHA-256, the key; a splitter; 32 random bytes, and
the document. The key is AES-256 in GCM, fresh for each document, and itself sealed by RSA-OAEP with
SHA-256; the random bytes are authenticated with the document, and the first twelve are its nonce.
"""

import os
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

VERSION: Final = b"VER_R2"
SPLITTER: Final = b"#KEY_SPLITTER#"
AAD_BYTES: Final = 32
NONCE_BYTES: Final = 12
KEY_BITS: Final = 256


class Sealer:
    """Seals for whoever holds this certificate's private key."""

    def __init__(self, certificate: x509.Certificate) -> None:
        """Raises TypeError: only RSA can be sealed for."""
        public = certificate.public_key()
        if not isinstance(public, RSAPublicKey):
            raise TypeError("the ABIS's certificate is not of an RSA key")
        self._public = public
        self._thumbprint = certificate.fingerprint(SHA256())

    @classmethod
    def of(cls, path: Path) -> "Sealer":
        """The certificate in a PEM file. Raises OSError, ValueError, TypeError."""
        return cls(x509.load_pem_x509_certificate(path.read_bytes()))

    def seal(self, document: bytes) -> bytes:
        key = AESGCM.generate_key(KEY_BITS)
        aad = os.urandom(AAD_BYTES)
        sealed = AESGCM(key).encrypt(aad[:NONCE_BYTES], document, aad)
        sealed_key = self._public.encrypt(key, OAEP(MGF1(SHA256()), SHA256(), None))
        head = VERSION + self._thumbprint + sealed_key
        return urlsafe_b64encode(head + SPLITTER + aad + sealed).rstrip(b"=")
