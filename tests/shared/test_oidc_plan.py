"""An issuer's words become ours by settings, and settings that would harm stop the start."""

from typing import Any

import pytest

from shared.oidc.plan import plan_of
from shared.oidc.rules import NotBelieved, person_of
from shared.roles import Role
from shared.settings import ServiceSettings, UnfitSetting

pytestmark = pytest.mark.rules
FIT = {
    "OIDC_ISSUER": "https://sso.example/realms/dukcapil",
    "OIDC_CLIENT_ID": "tunggal-61.72",
    "PAGES_ADDRESS": "https://dukcapil.example",
}


def settings(**changes: str) -> ServiceSettings:
    told = {f"TUNGGAL_{name}": value for name, value in {**FIT, **changes}.items()}
    return Fresh.from_environment(told)


class Fresh(ServiceSettings):
    PREFIX = "TUNGGAL_"


def test_roles_lie_where_the_issuer_keeps_them_under_its_own_words() -> None:
    plan = plan_of(
        settings(
            OIDC_ROLES_CLAIM="resource_access.tunggal.roles",
            OIDC_ROLES="petugas=officer, kepala=head_of_office",
            OIDC_SUBJECT_CLAIM="preferred_username",
            OIDC_REGION_CLAIM="wilayah",
        )
    )
    assert plan is not None
    claims: dict[str, Any] = {
        "preferred_username": "officer-7",
        "wilayah": "61.72",
        "resource_access": {"tunggal": {"roles": ["petugas", "offline_access", "officer"]}},
        "roles": ["operations"],
    }

    person = person_of(claims, plan.claims)

    assert person.roles == {Role.OFFICER}
    assert (person.subject, person.region, person.office) == ("officer-7", "61.72", None)
    with pytest.raises(NotBelieved):
        person_of({**claims, "resource_access": {"tunggal": ["petugas"]}}, plan.claims)


def test_without_an_issuer_there_is_none() -> None:
    assert plan_of(ServiceSettings()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"OIDC_ISSUER": "http://sso.example"},
        {"OIDC_ISSUER": "https://sso.example?realm=1"},
        {"OIDC_ISSUER": "ftp://sso.example"},
        {"OIDC_ISSUER": "http://127.0.0.1.evil.example"},
        {"OIDC_CLIENT_ID": ""},
        {"PAGES_ADDRESS": ""},
        {"PAGES_ADDRESS": "https://dukcapil.example/office"},
        {"OIDC_AUDIENCE": "tunggal-61.72"},
        {"OIDC_ALGORITHMS": "HS256"},
        {"OIDC_ALGORITHMS": "RS256,none"},
        {"OIDC_ALGORITHMS": ","},
        {"OIDC_ROLES": "petugas=emperor"},
        {"OIDC_ROLES": "petugas"},
    ],
)
def test_settings_that_would_harm_stop_the_start(changes: dict[str, str]) -> None:
    with pytest.raises(UnfitSetting):
        plan_of(settings(**changes))
