"""Which issuer, and how what it says becomes a caller of ours: settings, read once. Pure."""

from dataclasses import dataclass, field
from pathlib import Path

from shared.roles import Role
from shared.settings import ServiceSettings, UnfitSetting

CALLBACK = "/sign-in/callback"
# Never symmetric: the client's secret would then make tokens.
ALGORITHMS = frozenset({"Ed25519", "EdDSA", "ES256", "ES384", "PS256", "PS384", "RS256", "RS384"})


@dataclass(frozen=True, slots=True)
class ClaimPlan:
    """Where an issuer's claims say what. roles: a path of members; names: its word for our role."""

    subject: str = "sub"
    roles: tuple[str, ...] = ("roles",)
    names: dict[str, Role] = field(default_factory=lambda: {role.value: role for role in Role})
    region: str = "region"
    office: str = "office"


@dataclass(frozen=True, slots=True)
class IssuerPlan:
    """redirect: our callback's address, as the issuer knows it. audience: of tokens at the API."""

    issuer: str
    client_id: str
    client_secret: str | None
    redirect: str
    audience: str | None = None
    algorithms: frozenset[str] = frozenset({"Ed25519", "EdDSA", "ES256", "PS256", "RS256"})
    scopes: str = "openid"
    claims: ClaimPlan = ClaimPlan()
    authority: Path | None = None


def plan_of(settings: ServiceSettings) -> IssuerPlan | None:
    """None without an issuer. Raises UnfitSetting."""
    if settings.oidc_issuer is None:
        return None
    if not settings.oidc_client_id or not settings.pages_address:
        raise UnfitSetting("OIDC_ISSUER needs OIDC_CLIENT_ID and PAGES_ADDRESS.")
    if settings.oidc_audience == settings.oidc_client_id:
        # Otherwise an ID token, which every page of the issuer may show, would open the API.
        raise UnfitSetting("OIDC_AUDIENCE must be another name than OIDC_CLIENT_ID.")
    secret = settings.oidc_client_secret
    return IssuerPlan(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        redirect=settings.pages_address.rstrip("/") + CALLBACK,
        audience=settings.oidc_audience,
        algorithms=_algorithms(settings.oidc_algorithms),
        scopes=settings.oidc_scopes,
        claims=ClaimPlan(
            subject=settings.oidc_subject_claim,
            roles=tuple(settings.oidc_roles_claim.split(".")),
            names=_names(settings.oidc_roles),
            region=settings.oidc_region_claim,
            office=settings.oidc_office_claim,
        ),
        authority=settings.oidc_ca,
    )


def _algorithms(text: str) -> frozenset[str]:
    wanted = frozenset(filter(None, (one.strip() for one in text.split(","))))
    if not wanted or not wanted <= ALGORITHMS:
        raise UnfitSetting(f"OIDC_ALGORITHMS: only {', '.join(sorted(ALGORITHMS))}.")
    return wanted


def _names(text: str) -> dict[str, Role]:
    """`theirs=ours,…`; nothing: they use our words."""
    if not text:
        return {role.value: role for role in Role}
    found: dict[str, Role] = {}
    for pair in text.split(","):
        theirs, _, ours = pair.strip().rpartition("=")
        if not theirs or ours not in [*Role]:
            raise UnfitSetting(f"OIDC_ROLES: theirs=ours, with one of {', '.join(Role)}.")
        found[theirs] = Role(ours)
    return found
