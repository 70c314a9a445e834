"""Resources on the command line: listed, created, changed and deleted, each change judged by the cloud's own ledger."""

import json

import pytest

from tests.cli.terminal import Done, Terminal
from vocabulary.types import CloudResource

CONFIG = '{"name": "web-server-1", "instance_type": "t3.micro", "image": "debian-12"}'
CREATE = "multicloud resources create --service-type compute --resource-type instance"
#: What XML lets through: a terminal's control sequence in one character, a mark that turns text round, a line break.
HOSTILE = "evil\x9b2J\u202egnp.exe\x85<img src=x>"


def created(cli: Terminal, name: str) -> str:
    """The id of a new instance."""
    path = cli.file("made.json", CONFIG.replace("web-server-1", name))
    done = cli(f"{CREATE} --config {path} --provider aws --yes --json")
    assert done.code == 0, done.err
    return named(cli, name)["id"]


def named(cli: Terminal, name: str) -> dict:
    [entry] = [
        each for each in cli("multicloud resources list --type instance --all --json").json if each["name"] == name
    ]
    return entry


def accepted(cli: Terminal, after: int = 0) -> list[str]:
    return [entry["action"] for entry in cli.sandbox.control.ledger(after)]


def sequence(cli: Terminal) -> int:
    return cli.sandbox.control.health()["ledger"]


@pytest.mark.promise("CL-5")
def test_resources_are_listed_in_the_words_of_the_library(cli: Terminal) -> None:
    """CL-5: `resources list`, with the field names of CloudResource."""
    found = cli("multicloud resources list --json").json
    assert found
    assert set(CloudResource.__dataclass_fields__) <= set(found[0])
    table = cli("multicloud resources list").out
    assert found[0]["id"] in table
    assert "(simulated)" in table


@pytest.mark.promise("CL-6")
def test_a_resource_is_created_from_a_file_shown_first_and_watched_to_its_end(cli: Terminal) -> None:
    """CL-6: `resources create --service-type --resource-type --config`, with --provider until placement is there."""
    path, before = cli.file("instance-config.json", CONFIG), sequence(cli)
    shown = cli(f"{CREATE} --config {path} --provider aws --plan-only --json")
    assert (shown.code, len(shown.json["hash"]), accepted(cli, before)) == (0, 64, [])
    declined = cli(f"{CREATE} --config {path} --provider aws", type="n\n")
    assert (declined.code, accepted(cli, before)) == (1, [])
    assert "Start a new instance" in declined.out
    done = cli(f"{CREATE} --config {path} --provider aws", type="y\n")
    assert done.code == 0, done.err
    assert accepted(cli, before) == ["RunInstances"]
    assert named(cli, "web-server-1")["state"] == "running"


def test_creating_without_a_provider_names_what_is_missing(cli: Terminal) -> None:
    path = cli.file("nowhere.json", CONFIG)
    done = cli(f"{CREATE} --config {path}")
    assert (done.code, "placement" in done.err, "--provider" in done.err) == (1, True, True)


def test_a_machine_is_stopped_started_tagged_resized_and_deleted_by_name(cli: Terminal) -> None:
    machine, before = created(cli, "worker-7"), sequence(cli)
    for change, state in ((f"stop {machine}", "stopped"), (f"start {machine}", "running")):
        done = cli(f"multicloud resources {change} --yes --json")
        assert (done.code, done.json["state"]) == (0, "succeeded"), done.err
        assert named(cli, "worker-7")["state"] == state
    assert cli(f"multicloud resources tag {machine} env=prod owner=me --yes").code == 0
    assert cli(f"multicloud resources tag {machine} owner- --yes").code == 0
    assert named(cli, "worker-7")["tags"]["env"] == "prod"
    assert "owner" not in named(cli, "worker-7")["tags"]
    assert cli(f"multicloud resources resize {machine} t3.small --yes").code == 0
    assert named(cli, "worker-7")["attributes"]["instance_type"] == "t3.small"
    wrong = cli(f"multicloud resources delete {machine}", type="worker-8\n")
    assert (wrong.code, "TerminateInstances" in accepted(cli, before)) == (1, False)
    assert cli(f"multicloud resources delete {machine}", type="worker-7\n").code == 0
    assert accepted(cli, before).count("TerminateInstances") == 1


def test_a_plan_that_nobody_answered_is_cancelled_and_one_made_before_waits_on(cli: Terminal) -> None:
    machine, before = created(cli, "unanswered"), sequence(cli)
    done = cli(f"multicloud resources stop {machine}")
    assert (done.code, "nobody answered" in done.err) == (2, True)
    [row] = cli(f"multicloud operations list --resource {machine} --json").json
    assert (row["verb"], row["state"]) == ("stop", "cancelled")
    assert cli(f"multicloud operations approve {row['id']}").code == 1
    assert accepted(cli, before) == []


def test_a_resource_is_found_by_its_name_where_only_one_has_it(cli: Terminal) -> None:
    machine = created(cli, "called-once")
    assert cli("multicloud resources show called-once --json").json["id"] == machine
    assert cli(f"multicloud resources show {named(cli, 'called-once')['native_id']} --json").json["id"] == machine
    assert cli("multicloud resources stop called-once --yes").code == 0
    assert named(cli, "called-once")["state"] == "stopped"
    path = cli.file("twin.json", CONFIG.replace("web-server-1", "called-once"))
    assert cli(f"{CREATE} --config {path} --provider aws --yes").code == 0
    several = cli("multicloud resources start called-once --yes")
    assert several.code == 1
    assert "several are called called-once" in several.err
    assert machine in several.err
    none = cli("multicloud resources stop called-never --yes")
    assert (none.code, "resources list --search called-never" in none.err) == (3, True)


def test_a_change_is_undone_by_a_plan_of_its_own(cli: Terminal) -> None:
    machine = created(cli, "undone")
    done = cli(f"multicloud resources stop {machine} --yes --json").json
    assert cli(f"multicloud operations undo {done['id']} --yes").code == 0
    assert named(cli, "undone")["state"] == "running"
    again = cli(f"multicloud operations undo {done['id']} --plan-only --json")
    assert again.code == 1, "a machine that runs cannot be started"


def test_an_account_in_observe_mode_is_not_changed(cli: Terminal) -> None:
    machine, before = created(cli, "observed"), sequence(cli)
    assert cli("multicloud accounts set-mode aws/production observe").code == 0
    try:
        done = cli(f"multicloud resources stop {machine} --yes")
        assert (done.code, "observe mode" in done.err, accepted(cli, before)) == (1, True, [])
    finally:
        assert cli("multicloud accounts set-mode aws/production manage").code == 0


def test_what_was_approved_later_runs_where_it_is_followed(cli: Terminal) -> None:
    machine = created(cli, "later")
    waiting = cli(f"multicloud resources stop {machine} --yes --no-wait --json").json
    assert waiting["state"] == "approved"
    assert cli(f"multicloud operations follow {waiting['id']}").code == 0
    assert cli(f"multicloud operations show {waiting['id']} --json").json["state"] == "succeeded"
    assert cli(f"multicloud operations cancel {waiting['id']}").code == 1


def test_a_refusal_of_the_cloud_is_told_in_two_lines(cli: Terminal) -> None:
    machine = created(cli, "denied")
    rule = cli.sandbox.control.fault("deny", service="ec2", action="StopInstances")
    try:
        done = cli(f"multicloud resources stop {machine} --yes")
    finally:
        cli.sandbox.control.clear(rule)
    problem = [line for line in done.err.splitlines() if line.startswith(("paas-cli: ", "hint: "))]
    assert (done.code, len(problem)) == (1, 2)
    assert "ec2.stop_instances" in problem[0]


def test_what_is_not_there_has_an_exit_code_of_its_own(cli: Terminal) -> None:
    done = cli("multicloud resources show res-aaaaaaaaaaaa --json")
    assert (done.code, done.json["error"]["type"], done.json["error"]["exit_code"]) == (3, "NotFound", 3)
    assert cli("multicloud operations show op-aaaa").code == 3
    assert cli("multicloud resources list --account aws/nowhere").code == 3
    assert cli("multicloud resources list --as nobody").code == 3


@pytest.mark.parametrize(
    "arguments",
    ["--sort password", "--limit 0", "--limit 1e9", "--state flying", "--type spaceship", "--provider moon"],
)
def test_a_filter_that_makes_no_sense_is_refused(cli: Terminal, arguments: str) -> None:
    assert cli(f"multicloud resources list {arguments}").code == 2


def test_filters_narrow_the_list(cli: Terminal) -> None:
    machine = created(cli, "filtered")
    assert cli(f"multicloud resources tag {machine} colour=teal --yes").code == 0

    def ids(arguments: str) -> list[str]:
        return [each["id"] for each in cli(f"multicloud resources list --json {arguments}").json]

    assert ids("--tag colour=teal") == [machine]
    assert ids("--tag colour") == [machine]
    assert ids("--tag colour=red") == []
    assert machine in ids("--search filtered --provider aws --region us-east-1 --service-type compute --state running")
    assert machine not in ids("--type volume --all")
    assert len(ids("--limit 1")) == 1


def test_hostile_names_are_shown_and_never_obeyed(cli: Terminal) -> None:
    machine = created(cli, "to-be-evil")
    native = named(cli, "to-be-evil")["native_id"]
    cli.sandbox.control.alter(native, tags={"Name": HOSTILE})
    assert cli("multicloud resources refresh").code == 0
    for command in (
        "list --all",
        "list --all --json",
        f"show {machine}",
        f"show {machine} --json",
        f"show {machine} --raw",
    ):
        done: Done = cli(f"multicloud resources {command}")
        assert done.code == 0, done.err
        raw = set(done.out + done.err) - {"\n"}
        assert all(each.isprintable() for each in raw), command
        assert "\u202e" not in raw
    assert "<U+009B>" in cli("multicloud resources list --all").out
    assert json.loads(cli(f"multicloud resources show {machine} --json").out)["name"] == HOSTILE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"name": NaN}', "NaN"),
        ('{"name": "a", "name": "b"}', "twice"),
        ("[1]", "not a JSON object"),
        ("{", "line 1"),
        ("[" * 100_000, "nested"),
        ('{"name": "x", "instance_type": "t9.nano", "image": "debian-12"}', "t9.nano"),
        ('{"nmae": "x"}', "nmae"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused_before_anything_is_sent(
    cli: Terminal, text: str, why: str
) -> None:
    path, before = cli.file("bad.json", text), sequence(cli)
    done = cli(f"{CREATE} --config {path} --provider aws --yes")
    assert done.code in (1, 2)
    assert why in done.err
    assert accepted(cli, before) == []


def test_a_secret_parameter_is_refused_as_an_argument(cli: Terminal) -> None:
    done = cli(f"{CREATE} --provider aws --set name=x --set user_data=hush-hush")
    assert done.code == 2
    assert "--config" in done.err
    assert "hush-hush" not in done.out + done.err


def test_the_audit_is_whole_and_names_who_did_it(cli: Terminal) -> None:
    assert cli("multicloud audit verify").code == 0
    records = cli("multicloud audit list --limit 1000 --json").json
    assert {"admin"} <= {record["actor"] for record in records}
    assert all(record["hash"] for record in records)
