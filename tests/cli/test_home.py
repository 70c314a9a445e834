"""Looking after the home from the command line: people, vault, backup, configuration, the doctor, the sandbox."""

from pathlib import Path

from tests.cli.terminal import Terminal, run


def test_a_lost_password_is_replaced_and_shown_once(cli: Terminal) -> None:
    first, second = (cli("users reset admin --json").json["password"] for _ in range(2))
    assert first != second
    assert len(first) >= 16
    assert first not in cli("users list").out
    assert cli("users reset nobody").code == 3


def test_a_user_is_added_with_a_role_and_may_do_no_more_than_that(cli: Terminal) -> None:
    assert cli("users add vera --role viewer --json").json["role"] == "viewer"
    assert cli("users add vera").code == 1
    assert cli("multicloud resources list --as vera").code == 0
    done = cli("multicloud accounts set-mode aws/production observe --as vera")
    assert (done.code, "may not" in done.err) == (1, True)
    assert cli("multicloud accounts set-mode aws/production observe", MULTICLOUD_USER="vera").code == 1
    assert cli("users", "add", "ad\u200bmin").code == 1


def test_the_vault_key_is_rotated_and_credentials_stay_readable(cli: Terminal) -> None:
    before = cli("vault status --json").json["key_id"]
    assert cli("vault rotate").code == 0
    after = cli("vault status --json").json
    assert after["key_id"] != before
    assert list(after["wrapped"]) == [after["key_id"]]
    assert cli("doctor --account aws/production --json").json["accounts"][0]["checks"][1]["status"] == "ok"


def test_a_backup_is_private_whole_and_comes_back_in_another_home(cli: Terminal, tmp_path: Path) -> None:
    file, new = tmp_path / "backup.tar", tmp_path / "new"
    done = cli("backup", str(file), "--json")
    assert done.code == 0, done.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert "vault key" in done.json["warning"]
    assert cli("backup", str(file)).code == 1, "no backup is written over another"
    nowhere = cli("backup", str(tmp_path / "no-such-folder" / "backup.tar"))
    assert nowhere.err.startswith(f"paas-cli: {tmp_path / 'no-such-folder'}: there is no such folder")
    assert cli("restore", str(file)).code == 1, "nothing is restored over a home in use"
    assert run(new, "restore", str(file)).code == 0
    assert "admin" in run(new, "users", "list").out
    assert run(new, "multicloud", "providers", "list").out.count("production") >= 1
    assert run(new, "vault", "status").code == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (new, new / "db.sqlite3", new / "vault.key"))


def test_every_setting_is_shown_with_where_it_came_from(cli: Terminal) -> None:
    found = {entry["key"]: entry for entry in cli("config show --json", AWS_PRIORITY="4").json}
    assert (found["providers.aws.priority"]["value"], found["providers.aws.priority"]["source"]) == (
        "4",
        "environment AWS_PRIORITY",
    )
    assert found["providers.aws.regions"]["source"].endswith(":3")
    wrong = cli("config show", AWS_PRIORITY="none")
    assert (wrong.code, "AWS_PRIORITY" in wrong.err) == (2, True)


def test_the_doctor_names_what_is_unsafe_and_what_mends_it(cli: Terminal) -> None:
    assert cli("doctor --local").code == 0
    cli.home.chmod(0o755)
    try:
        done = cli("doctor --local")
    finally:
        cli.home.chmod(0o700)
    assert (done.code, "chmod 700" in done.out) == (1, True)


def test_the_doctor_says_who_we_are_and_what_is_missing_for_what(cli: Terminal) -> None:
    cli.sandbox.control.policy("your-access-key", ["ec2:StopInstances"])
    try:
        done, told = cli("multicloud doctor --account aws/production --json"), cli("multicloud doctor")
    finally:
        cli.sandbox.control.policy("your-access-key", [])
    [entry] = done.json["accounts"]
    assert "arn:aws:iam::111111111111:user/" in entry["checks"][1]["says"]
    missing = {(each["kind"], each["verb"]): each["missing"] for each in entry["features"] if each["status"] == "bad"}
    assert missing[("instance", "stop")] == ["ec2:StopInstances"]
    assert "ec2:StopInstances" in told.out
    assert "simulated" in told.out


def test_the_sandboxs_faults_are_switched_from_the_command_line(cli: Terminal) -> None:
    assert cli("sandbox fault aws ec2 --throttle 0.2 --seed 7").code == 0
    [rule] = cli("sandbox status --json").json["faults"]
    assert (rule["kind"], rule["service"], rule["rate"], rule["seed"]) == ("throttle", "ec2", 0.2, 7)
    assert cli("sandbox fault aws s3 error --action Put* --set status=503").code == 0
    assert cli("sandbox fault --clear").code == 0
    assert cli("sandbox status --json").json["faults"] == []
    assert cli("sandbox fault aws ec2 nonsense").code == 1
    assert cli("sandbox advance 60").code == 0
    assert cli("sandbox ledger --last 2").code == 0
