"""Only a file that is ours alone is read, in the formats people have, and no error repeats what is in it."""

import json
import os
import shlex
import subprocess
import traceback

import pytest

from vocabulary.credentials_file import read
from vocabulary.errors import InvalidParameter
from vocabulary.types import CloudProvider

CANARY = "CanarySecret0123456789abcdefghijklmnopqr"
KEYS = {"access_key_id": "AKIAEXAMPLEEXAMPLE00", "secret_access_key": CANARY}

INI = f"""\
# the file that `aws configure` writes
[default]
aws_access_key_id = AKIAEXAMPLEEXAMPLE00
aws_secret_access_key = {CANARY}
region = eu-west-1

[temporary]
aws_access_key_id = ASIAEXAMPLEEXAMPLE00
aws_secret_access_key={CANARY[:-6]}a%b=+/
aws_session_token = IQoJb3JpZ2luX2VjE==
s3 =
    max_concurrent_requests = 20

[profile deploy]
role_arn = arn:aws:iam::111111111111:role/deploy
external_id = 7c1b
source_profile = default

[single-sign-on]
sso_start_url = https://example.awsapps.com/start
"""


@pytest.fixture
def keep(tmp_path):
    """Writes a file that is ours alone, and returns its path."""

    def write(content, mode=0o600):
        path = tmp_path / "credentials"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return path

    return write


def test_the_default_profile_of_an_aws_file_is_read(keep):
    assert read(keep(INI)) == KEYS


def test_a_named_profile_comes_with_its_session_token_and_odd_characters(keep):
    fields = read(keep(INI), "temporary")
    assert fields["session_token"] == "IQoJb3JpZ2luX2VjE=="
    assert fields["secret_access_key"].endswith("a%b=+/")


def test_a_profile_with_a_role_comes_with_the_keys_of_its_source(keep):
    assert read(keep(INI), "deploy") == {
        **KEYS,
        "role_arn": "arn:aws:iam::111111111111:role/deploy",
        "external_id": "7c1b",
        "source_profile": "default",
    }


@pytest.mark.parametrize(
    "content",
    [
        KEYS,
        {"default": KEYS, "other": {}},
        {"AccessKeyId": KEYS["access_key_id"], "SecretAccessKey": CANARY},
        {"aws_access_key_id": KEYS["access_key_id"], "aws_secret_access_key": CANARY},
        {
            "AccessKey": {
                "UserName": "u",
                "AccessKeyId": KEYS["access_key_id"],
                "SecretAccessKey": CANARY,
                "Status": "Active",
            }
        },
    ],
)
def test_json_is_read_flat_by_profile_and_as_aws_prints_it(keep, content):
    assert read(keep(json.dumps(content))) == KEYS


def test_another_cloud_takes_json_fields_as_they_are(keep):
    fields = {"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"}
    assert read(keep(json.dumps(fields)), provider=CloudProvider.GCP) == fields
    with pytest.raises(InvalidParameter, match="is not JSON"):
        read(keep(INI), provider=CloudProvider.GCP)


def refusal(path, *arguments, **options) -> InvalidParameter:
    """The error of a file that is refused, having checked that it names the file, mends it and tells nothing of it."""
    with pytest.raises(InvalidParameter) as refused:
        read(path, *arguments, **options)
    error = refused.value
    assert error.hint
    told = f"{error} {error.hint} {error.as_dict()} {''.join(traceback.format_exception(error))}"
    assert not any(part in told for part in ("Canary", "AKIA", "single-sign-on", "deploy@"))
    return error


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601, 0o622])
def test_a_file_that_others_can_read_is_refused_and_the_hint_mends_it(keep, mode):
    path = keep(INI, mode)
    error = refusal(path)
    assert error.hint == f"Run: chmod 600 {shlex.quote(str(path))}"
    subprocess.run(error.hint.removeprefix("Run: "), shell=True, check=True)
    assert read(path) == KEYS


def test_a_symbolic_link_is_refused_even_to_a_good_file(keep, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(keep(INI))
    assert "symbolic link" in refusal(link).why
    (tmp_path / "dangling").symlink_to("absent")
    assert "symbolic link" in refusal(tmp_path / "dangling").why


@pytest.mark.timeout(10)
def test_a_pipe_a_folder_and_a_device_are_refused_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", tmp_path, "/dev/null", "/dev/zero"):
        assert "not a regular file" in refusal(path).why


def test_a_file_of_someone_else_is_refused_unless_we_are_root(keep, monkeypatch):
    path = keep(INI)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1 if owner + 1 else 1)
    assert "someone else" in refusal(path).why
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert read(path) == KEYS


def test_a_large_a_missing_and_an_impossible_path_are_refused(keep, tmp_path):
    assert "larger than 65536 bytes" in refusal(keep(INI + "#" * 65_536)).why
    assert "No such file" in refusal(tmp_path / "absent").why
    assert "not a path" in refusal("a\0b").why
    assert "\n" not in str(refusal(tmp_path / "line\nbreak\u202e"))


@pytest.mark.parametrize(
    "content",
    [
        CANARY,
        f"root:$6${CANARY}:19000:0:99999:7:::\n",
        f"[default]\n{CANARY}\n",
        f"[default\n{CANARY} = 1\n",
        f"[default]\naws_secret_access_key = {CANARY}\naws_secret_access_key = {CANARY}\n",
        f"[{CANARY}]\n[{CANARY}]\n",
        f"[default]\naws_secret_access_key = {CANARY}\n",
        "[default]\naws_access_key_id =\naws_secret_access_key = x\n",
        f'[default]\naws_access_key_id = "AKIAEXAMPLEEXAMPLE00"\naws_secret_access_key = {CANARY}\n',
        f"[default]\naws_access_key_id = AKIA {CANARY}\naws_secret_access_key = x\n",
        f"[default]\naws_access_key_id = a\n  {CANARY}\naws_secret_access_key = x\n",
        f"[default]\nrole_arn = arn:aws:iam::1:role/deploy@x\nsource_profile = {CANARY}\n",
        "[default]\nrole_arn = r\nsource_profile = b\n[b]\nrole_arn = q\nsource_profile = c\n",
        "{" + CANARY,
        f'{{"access_key_id": "{CANARY}", "access_key_id": "b"}}',
        f'{{"access_key_id": 5, "secret_access_key": "{CANARY}"}}',
        f'{{"access_key_id": "AKIA", "AccessKeyId": "{CANARY}", "secret_access_key": "x"}}',
        '{"a":' * 10_000,
        '{"a": ' + "9" * 5000 + "}",
        "{}",
        b"[default]\naws_access_key_id = \xff\xfe" + CANARY.encode(),
        b"\x00\x01\x02" + CANARY.encode(),
        "",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_contents_that_cannot_be_read_are_refused_and_never_repeated(keep, content):
    refusal(keep(content))


def test_an_unknown_profile_and_one_without_keys_say_what_to_do(keep):
    assert "one of the 4 in the file" in refusal(keep(INI), "absent").hint
    with pytest.raises(InvalidParameter, match="has no access_key_id") as refused:
        read(keep(INI), "single-sign-on")
    assert "--method profile" in refused.value.hint
    assert "absent" in refusal(keep(json.dumps(KEYS)), "absent").why


def test_a_home_folder_is_understood(keep, monkeypatch):
    monkeypatch.setenv("HOME", str(keep(INI).parent))
    assert read("~/credentials") == KEYS
    assert refusal("~nobody-of-that-name/credentials").hint
