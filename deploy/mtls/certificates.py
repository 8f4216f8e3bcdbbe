"""Make a private authority and certificates under it: `python -m deploy.mtls.certificates --help`.

One authority, one certificate for the centre's front, one for each region. A region's names it by a
URI, `spiffe://<trust domain>/region/61.72`. The authority's key belongs on a machine that is off.
"""

import argparse
import os
import re
import sys
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared.clock import SystemClock

AUTHORITY_DAYS, LEAF_DAYS = 3_650, 180
TRUST_DOMAIN = "tunggal.example"
BEGAN_BEFORE = timedelta(hours=1)  # a clock may be some minutes behind


@dataclass(frozen=True)
class Pem:
    """A certificate and its key; for HAProxy, both in one file as well."""

    certificate: Path
    key: Path
    both: Path


def make_authority(folder: Path) -> Pem:
    """`authority.pem` and its key; what is there stays."""
    pem = _paths(folder, "authority")
    if pem.certificate.exists():
        return pem
    key = ec.generate_private_key(ec.SECP384R1())
    name = _name("Tunggal authority")
    made = (
        _builder(name, name, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .sign(key, hashes.SHA384())
    )
    _write(pem, made, key)
    return pem


def make_server(folder: Path, name: str) -> Pem:
    """For the centre's front, under a DNS name or an address."""
    try:
        named: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        named = x509.DNSName(name)
    return _issue(folder, "front", name, named, ExtendedKeyUsageOID.SERVER_AUTH)


def make_region(folder: Path, code: str, trust_domain: str = TRUST_DOMAIN) -> Pem:
    """For one region's server. Again: a new one, in the place of the old. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{2}\.[0-9]{2}", code):
        raise ValueError("a region's code is like 61.72")
    named = x509.UniformResourceIdentifier(f"spiffe://{trust_domain}/region/{code}")
    return _issue(folder, f"region-{code}", code, named, ExtendedKeyUsageOID.CLIENT_AUTH)


def _issue(
    folder: Path, file: str, name: str, named: x509.GeneralName, use: x509.ObjectIdentifier
) -> Pem:
    authority = make_authority(folder)
    signer = serialization.load_pem_private_key(authority.key.read_bytes(), None)
    above = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _builder(_name(name), above.subject, key.public_key(), LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.SubjectAlternativeName([named]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA384())
    )
    pem = _paths(folder, file)
    _write(pem, made, key)
    return pem


def _paths(folder: Path, name: str) -> Pem:
    return Pem(folder / f"{name}.pem", folder / f"{name}.key", folder / f"{name}.both.pem")


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = SystemClock().now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEGAN_BEFORE)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _write(pem: Pem, made: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    pem.certificate.parent.mkdir(parents=True, exist_ok=True)
    certificate = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem.certificate.write_bytes(certificate)
    for path, content in ((pem.key, private), (pem.both, certificate + private)):
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--folder", type=Path, default=Path("certificates"))
    asked.add_argument("--server", help="name or address of the centre's front")
    asked.add_argument("--region", action="append", default=[], help="a region's code; repeatable")
    asked.add_argument("--trust-domain", default=TRUST_DOMAIN)
    told = asked.parse_args()
    made = [make_authority(told.folder).certificate]
    if told.server:
        made.append(make_server(told.folder, told.server).both)
    made += [make_region(told.folder, code, told.trust_domain).certificate for code in told.region]
    sys.stdout.write("".join(f"{path}\n" for path in made))


if __name__ == "__main__":
    main()
