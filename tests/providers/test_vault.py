"""Sealed values open only with their key, as their field, for their holder."""

import base64
import os
from pathlib import Path

import pytest

from providers import vault, vault_key
from vocabulary.errors import VaultError

KEY = vault.VaultKey(bytes(range(32)))
OTHER = vault.VaultKey(bytes(32))


def sealed(value: str = "s3cret", holder: str = "credential:1", name: str = "secret_access_key") -> tuple[bytes, bytes]:
    data_key = vault.new_data_key()
    return vault.seal(value, data_key, holder, name), data_key


@pytest.mark.parametrize("value", ["", "s3cret", "ünïcode ✓", "x" * 16384, "line\nbreak"])
def test_what_was_sealed_opens_as_it_was(value: str) -> None:
    envelope, data_key = sealed(value)
    assert vault.unseal(envelope, data_key, "credential:1", "secret_access_key") == value
    assert not value or value.encode() not in envelope


@pytest.mark.parametrize(
    ("holder", "name"),
    [
        ("credential:2", "secret_access_key"),
        ("credential:1", "session_token"),
        ("credential:1s", "ecret_access_key"),  # the same letters, cut elsewhere
    ],
)
def test_a_value_moved_to_another_field_or_holder_does_not_open(holder: str, name: str) -> None:
    envelope, data_key = sealed()
    with pytest.raises(VaultError, match="damaged or moved"):
        vault.unseal(envelope, data_key, holder, name)


def test_a_change_of_any_byte_is_noticed() -> None:
    envelope, data_key = sealed()
    for position in range(len(envelope)):
        changed = bytearray(envelope)
        changed[position] ^= 1
        with pytest.raises(VaultError):
            vault.unseal(bytes(changed), data_key, "credential:1", "secret_access_key")


def test_half_an_envelope_is_refused_and_not_an_accident() -> None:
    envelope, data_key = sealed()
    for length in range(len(envelope)):
        with pytest.raises(VaultError):
            vault.unseal(envelope[:length], data_key, "credential:1", "secret_access_key")


def test_a_data_key_opens_only_with_its_vault_key_and_for_its_holder() -> None:
    data_key = vault.new_data_key()
    wrapped = vault.wrap(data_key, KEY, "credential:1")
    assert vault.unwrap(wrapped, KEY, "credential:1") == data_key
    with pytest.raises(VaultError):
        vault.unwrap(wrapped, OTHER, "credential:1")
    with pytest.raises(VaultError):
        vault.unwrap(wrapped, KEY, "credential:2")


def test_sealing_the_same_value_twice_looks_different() -> None:
    data_key = vault.new_data_key()
    assert vault.seal("same", data_key, "h", "f") != vault.seal("same", data_key, "h", "f")


def test_a_key_never_prints_itself() -> None:
    ring = vault.KeyRing(KEY, (OTHER,))
    printed = f"{KEY!r} {ring!r} {KEY}"
    assert repr(KEY.secret) not in printed
    assert KEY.secret.hex() not in printed
    assert KEY.id != OTHER.id


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(VaultError, match="31 bytes"):
        vault.VaultKey(bytes(31))


class TestTheKeyFile:
    def test_a_first_start_makes_it_and_only_its_owner_can_read_it(self, tmp_path: Path) -> None:
        ring = vault_key.ready(tmp_path, {}, [])
        assert (tmp_path / "vault.key").stat().st_mode & 0o777 == 0o600
        assert vault_key.ready(tmp_path, {}, [ring.sealing.id]).sealing.id == ring.sealing.id
        assert sorted(path.name for path in tmp_path.iterdir()) == ["vault.key"]

    def test_a_missing_key_is_never_replaced_while_something_is_sealed(self, tmp_path: Path) -> None:
        with pytest.raises(VaultError, match="the vault key is missing") as refused:
            vault_key.ready(tmp_path, {}, [KEY.id])
        assert "backup" in refused.value.hint
        assert not list(tmp_path.iterdir())

    def test_a_wrong_key_is_recognised_before_anything_is_opened(self, tmp_path: Path) -> None:
        vault_key.write_new(tmp_path / "vault.key", OTHER)
        with pytest.raises(VaultError, match=KEY.id):
            vault_key.ready(tmp_path, {}, [KEY.id])

    def test_a_key_that_others_can_read_is_refused_with_the_command_that_mends_it(self, tmp_path: Path) -> None:
        vault_key.write_new(tmp_path / "vault.key", KEY)
        (tmp_path / "vault.key").chmod(0o644)
        with pytest.raises(VaultError, match="others can read") as refused:
            vault_key.ready(tmp_path, {}, [])
        assert f"chmod 600 {tmp_path / 'vault.key'}" in refused.value.hint

    def test_a_symlink_is_not_followed(self, tmp_path: Path) -> None:
        vault_key.write_new(tmp_path / "elsewhere", KEY)
        (tmp_path / "vault.key").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(VaultError, match="cannot be read"):
            vault_key.ready(tmp_path, {}, [])

    @pytest.mark.parametrize("text", ["not base64!", base64.b64encode(bytes(16)).decode(), "\n", "ключ"])
    def test_a_file_that_holds_no_key_is_refused_without_repeating_it(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "vault.key"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        with pytest.raises(VaultError) as refused:
            vault_key.ready(tmp_path, {}, [])
        assert not text.strip() or text.strip() not in f"{refused.value}{refused.value.hint}"

    def test_a_key_is_never_written_over_another(self, tmp_path: Path) -> None:
        vault_key.write_new(tmp_path / "vault.key", KEY)
        vault_key.write_new(tmp_path / "vault.key", OTHER)
        ring = vault_key.ring_of(tmp_path, {})
        assert ring is not None
        assert ring.sealing.id == KEY.id

    def test_a_full_disk_leaves_no_half_key(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(descriptor: int) -> None:
            raise OSError(28, os.strerror(28))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            vault_key.write_new(tmp_path / "vault.key", KEY)
        assert not list(tmp_path.iterdir())


class TestTheKeyInTheEnvironment:
    def test_it_wins_over_the_file_which_still_opens_what_it_sealed(self, tmp_path: Path) -> None:
        vault_key.write_new(tmp_path / "vault.key", OTHER)
        ring = vault_key.ready(tmp_path, {"MULTICLOUD_VAULT_KEY": base64.b64encode(KEY.secret).decode()}, [OTHER.id])
        assert ring.sealing.id == KEY.id
        assert ring.ids == {KEY.id, OTHER.id}

    def test_no_file_is_made_beside_it(self, tmp_path: Path) -> None:
        vault_key.ready(tmp_path, {"MULTICLOUD_VAULT_KEY": base64.b64encode(KEY.secret).decode()}, [])
        assert not list(tmp_path.iterdir())

    def test_a_bad_one_is_named_and_not_repeated(self, tmp_path: Path) -> None:
        with pytest.raises(VaultError, match="MULTICLOUD_VAULT_KEY") as refused:
            vault_key.ready(tmp_path, {"MULTICLOUD_VAULT_KEY": "hunter2-hunter2"}, [])
        assert "hunter2" not in f"{refused.value}{refused.value.hint}"
