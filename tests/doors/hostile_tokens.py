"""Tokens that open nothing: expired, forged, swapped, for somebody else. Each claims every role."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from shared.roles import AUDIENCE, ISSUER, TYPE, Role
from shared.signing import SigningKey, new_key
from tests.town import Town

ALGORITHM = "Ed25519"
HOUR = timedelta(hours=1)


def encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Forger:
    """Knows all that is public of a town's issuer, and holds keys of its own."""

    def __init__(self, town: Town, region: str | None) -> None:
        self.town = town
        self.issuer = town.keys.issuer_key()
        self.mine = OKPKey.generate_key("Ed25519")
        now = int(town.clock.now().timestamp())
        self.claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "tester",
            "roles": [role.value for role in Role],
            "iat": now - 60,
            "exp": now + 3_600,
        }
        if region is not None:
            self.claims["region"] = region

    def all(self) -> Iterator[tuple[str, str]]:
        """(kind, token) of every token that must be answered with 401 by every door."""
        yield "no token at all", ""
        yield from self._of_the_issuer()
        yield from self._of_others()
        yield from self._of_other_algorithms()

    def _of_the_issuer(self) -> Iterator[tuple[str, str]]:
        """Signed by the right key, and not for this time, place or purpose."""
        now = self.claims["iat"] + 60
        for kind, changes in {
            "expired": {"iat": now - 7_200, "exp": now - 3_600},
            "not yet valid": {"iat": now + 3_600, "exp": now + 7_200},
            "not before later": {"nbf": now + 3_600},
            "for another audience": {"aud": "another"},
            "for audiences": {"aud": [AUDIENCE, "another"]},
            "of another issuer": {"iss": "https://issuer.example"},
            "too long-lived": {"exp": now + 13 * 3_600},
            "of nobody": {"sub": ""},
        }.items():
            yield kind, self._by(self.issuer, {**self.claims, **changes})
        for typ in ("at+jwt", "logout+jwt", "tunggal-session+jws", "tunggal-message+jws"):
            yield f"of type {typ}", self._by(self.issuer, self.claims, typ)
        head, _, signature = self._by(self.issuer, {**self.claims, "roles": []}).split(".")
        yield "changed after signing", f"{head}.{encoded(self.claims)}.{signature}"

    def _of_others(self) -> Iterator[tuple[str, str]]:
        """Signed well, by a key that is not the issuer's."""
        keys = self.town.keys
        kid = self.issuer.kid
        yield "of another key under the issuer's name", self._by(new_key(kid), self.claims)
        yield "of an unknown key", self._by(new_key("unknown"), self.claims)
        yield "of a region's key", self._by(keys.region_key("61.72"), self.claims)
        yield (
            "of a region's key under the issuer's name",
            self._headed({}, OKPKey.import_key(json.loads(keys.region("61.72").read_text()))),
        )
        public = self.mine.as_dict(private=False)
        yield "of a key it brings itself", self._headed({"jwk": public}, self.mine)
        for name in ("jku", "x5u"):
            yield f"of a key at its {name}", self._headed({name: "http://evil.example"}, self.mine)
        yield "with a critical header", self._headed({"crit": ["b64"], "b64": True}, self.mine)

    def _of_other_algorithms(self) -> Iterator[tuple[str, str]]:
        """The algorithm is swapped for one that needs no secret of the issuer's."""
        public = OKPKey.import_key(self.issuer.public_jwk)
        shapes = {
            "the public key in PEM": public.public_key.public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
            ),
            "the public key's bytes": public.public_key.public_bytes_raw(),
            "the published key set": self.town.keys.issuer_jwks.read_bytes(),
            "nothing": b"",
        }
        for name, secret in shapes.items():
            head = encoded({"alg": "HS256", "typ": TYPE, "kid": self.issuer.kid})
            text = f"{head}.{encoded(self.claims)}"
            mark = hmac.new(secret, text.encode(), hashlib.sha256).digest()
            yield f"HS256 with {name} as secret", f"{text}.{encoded(mark)}"
        good = self._by(self.issuer, self.claims)
        for alg in ("none", "None", "EdDSA", ""):
            head = encoded({"alg": alg, "typ": TYPE, "kid": self.issuer.kid})
            signature = "" if alg.lower() == "none" else good.rpartition(".")[2]
            yield f"alg {alg!r}", f"{head}.{encoded(self.claims)}.{signature}"
        yield "its signature cut off", good.rpartition(".")[0] + "."
        for alg, key in {
            "RS256": RSAKey.generate_key(2_048),
            "ES256": ECKey.generate_key("P-256"),
        }.items():
            head = {"alg": alg, "typ": TYPE, "kid": self.issuer.kid}
            yield (
                f"{alg} of a stranger",
                jws.serialize_compact(head, json.dumps(self.claims).encode(), key, [alg]),
            )

    def _by(self, key: SigningKey, claims: Mapping[str, Any], typ: str = TYPE) -> str:
        return key.sign(json.dumps(claims).encode(), typ)

    def _headed(self, more: Mapping[str, Any], key: OKPKey) -> str:
        head = {"alg": ALGORITHM, "typ": TYPE, "kid": self.issuer.kid, **more}
        text = f"{encoded(head)}.{encoded(self.claims)}"
        private: Any = key.private_key
        return f"{text}.{encoded(private.sign(text.encode()))}"
