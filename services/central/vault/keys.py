"""The centre's keys of sealed records, from its settings."""

from pathlib import Path

from services.central.settings import CentralSettings
from services.central.vault.steps import Vault
from shared.sealed.keys import SealingKeys, SecretKeys
from shared.sealed.opener import Opener
from shared.sealing import KeyRing
from shared.settings import sealing_file_of

PURPOSE = "tunggal data keys"


def vault_for(settings: CentralSettings) -> Vault:
    """Read the keys, or make them at the first start."""
    keys = SealingKeys.load_or_create(sealing_key_file(settings))
    return Vault(Opener(keys), SecretKeys(KeyRing.load_or_create(kek_file(settings)), PURPOSE))


def sealing_key_file(settings: CentralSettings) -> Path:
    return settings.sealing_key_file or sealing_file_of(settings.key_file)


def kek_file(settings: CentralSettings) -> Path:
    key_file = settings.key_file
    return settings.kek_file or sealing_file_of(key_file.with_stem(f"{key_file.stem}-kek"))
