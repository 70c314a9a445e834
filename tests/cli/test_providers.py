"""Providers on the command line: listed, added, removed, judged; and no secret where others see it."""

import os
from pathlib import Path

import pytest

from tests.cli.terminal import KEYS, Terminal

ADD = "multicloud providers add --provider aws --region us-east-1"
SECRET = "your-secret-key"


@pytest.mark.promise("CL-1")
def test_providers_are_listed_with_the_accounts_they_open(cli: Terminal) -> None:
    """CL-1: `providers list`."""
    assert "production" in cli("multicloud providers list").out
    [entry] = [each for each in cli("multicloud providers list --json").json if each["name"] == "production"]
    assert (entry["provider"], entry["region"], entry["state"]) == ("aws", "us-east-1", "ok")
    assert entry["accounts"] == [
        {"account": "aws/111111111111", "name": "production", "mode": "manage", "simulated": True}
    ]


@pytest.mark.promise("CL-2")
def test_a_provider_is_added_from_the_clouds_own_credentials_file(cli: Terminal) -> None:
    """CL-2: `providers add --provider --region --credentials-file`, here with AWS's INI format."""
    path = cli.file("added", KEYS)
    done = cli(f"{ADD} --credentials-file {path}")
    assert done.code == 0, done.err
    assert "aws/default" in done.out
    assert SECRET not in done.out + done.err
    assert cli(f"{ADD} --credentials-file {path}").code == 1, "the name is taken"
    assert cli("multicloud providers remove --provider aws --name default --yes").code == 0


@pytest.mark.promise("CL-3")
def test_removing_a_provider_says_first_what_is_forgotten(cli: Terminal) -> None:
    """CL-3: `providers remove --provider`."""
    path = cli.file("removed", KEYS)
    assert cli(f"{ADD} --credentials-file {path} --name removed").code == 0
    refused = cli("multicloud providers remove --provider aws --name removed", type="n\n")
    assert refused.code == 1
    assert "aws/111111111111 stays: another credential opens it" in refused.err
    assert "removed" in cli("multicloud providers list").out
    assert cli("multicloud providers remove --provider aws --name removed", type="y\n").code == 0
    assert "aws       removed" not in cli("multicloud providers list").out
    assert cli("multicloud providers remove --provider azure").code == 3


@pytest.mark.promise("CL-4")
def test_the_status_says_what_works_and_how_fresh_it_is(cli: Terminal) -> None:
    """CL-4: `providers status`."""
    [entry] = cli("multicloud providers status --json").json
    assert (entry["provider"], entry["state"]) == ("aws", "ok")
    assert entry["status_page"].startswith("https://")
    [account] = entry["accounts"]
    assert account["read_at"]
    assert account["refused"] == []
    assert "aws" in cli("multicloud providers status").out


def test_keys_that_do_not_sign_in_are_refused_and_kept_with_the_reason(cli: Terminal) -> None:
    path = cli.file("wrong", KEYS.replace("your-secret-key", "a-wrong-secret"))
    done = cli(f"{ADD} --credentials-file {path} --name wrong")
    assert done.code == 1
    first, second = done.err.splitlines()
    assert first.startswith("paas-cli: aws/wrong: ")
    assert second.startswith("hint: ")
    assert "It is kept" in second
    assert "a-wrong-secret" not in done.err
    [kept] = [each for each in cli("multicloud providers list --json").json if each["name"] == "wrong"]
    assert (kept["state"], kept["accounts"]) == ("refused", [])
    again = cli(f"{ADD} --credentials-file {path} --name wrong")
    assert again.err.startswith("paas-cli: Multicloud: there is a credential aws/wrong already")
    assert cli(second.partition("remove it: paas-cli ")[2] + " --yes").code == 0
    assert "wrong" not in cli("multicloud providers list").out


def test_a_provider_is_added_from_variables(cli: Terminal) -> None:
    done = cli(f"{ADD} --name varied", AWS_ACCESS_KEY_ID="your-access-key", AWS_SECRET_ACCESS_KEY=SECRET)
    assert done.code == 0, done.err
    assert cli("multicloud providers remove --provider aws --name varied --yes").code == 0


def test_a_secret_is_asked_for_without_being_shown(cli: Terminal) -> None:
    done = cli(f"{ADD} --name asked", type=f"your-access-key\n{SECRET}\n")
    assert done.code == 0, done.err
    assert "Secret access key" in done.err
    assert SECRET not in done.out + done.err
    assert cli("multicloud providers remove --provider aws --name asked --yes").code == 0


def test_nobody_to_ask_is_an_error_and_not_a_yes(cli: Terminal) -> None:
    assert cli(f"{ADD} --name nobody").code == 2
    assert cli("multicloud providers remove --provider aws --name production").code == 2
    assert "production" in cli("multicloud providers list").out


@pytest.mark.parametrize(
    "option", ["--secret=hush-hush", "--secret-access-key=hush-hush", "--password=hush-hush", "--token=hush-hush"]
)
def test_a_secret_in_an_argument_is_refused_with_the_way_to_do_it(cli: Terminal, option: str) -> None:
    done = cli(f"{ADD} {option}")
    assert done.code == 2
    assert "seen by everyone" in done.err
    assert "--credentials-file" in done.err
    assert "hush-hush" not in done.out + done.err


def test_a_credentials_file_that_others_can_read_is_refused(cli: Terminal) -> None:
    path = cli.file("open", KEYS, 0o644)
    done = cli(f"{ADD} --credentials-file {path} --name open")
    assert (done.code, "chmod 600" in done.err) == (2, True)
    assert SECRET not in done.err


def test_a_credentials_file_that_is_a_link_is_refused(cli: Terminal) -> None:
    path = cli.file("linked-to", KEYS)
    link = path.with_name("link")
    link.symlink_to(path)
    done = cli(f"{ADD} --credentials-file {link} --name link")
    assert (done.code, "symbolic link" in done.err) == (2, True)


def test_a_credentials_file_that_is_a_pipe_is_refused_at_once(cli: Terminal, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    done = cli(f"{ADD} --credentials-file {pipe} --name pipe")
    assert (done.code, "not a regular file" in done.err) == (2, True)


def test_a_path_to_somebody_elses_file_gives_nothing_of_it_away(cli: Terminal) -> None:
    done = cli(f"{ADD} --credentials-file ../../../../../../etc/passwd --name passwd")
    assert done.code == 2
    assert "root:" not in done.out + done.err


def test_a_cloud_without_a_driver_says_so(cli: Terminal) -> None:
    path = cli.file("azure.json", '{"client_id": "x"}')
    done = cli(f"multicloud providers add --provider azure --region eastus --credentials-file {path}")
    assert (done.code, "not connected yet" in done.err) == (1, True)
