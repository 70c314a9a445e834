"""The program itself: what it loads, what its help says, how it ends."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from multicloud_site.cli import documentation
from multicloud_site.cli.root import LazyGroup, program
from sandbox.testing import CHECKOUT
from tests.bench import cli as bench
from tests.cli.terminal import run

LOADED = """
import sys
from multicloud_site.cli import main
try:
    main()
except SystemExit:
    print(sorted({name.partition(".")[0] for name in sys.modules}))
"""


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command with the words that call it."""

    def walk(command: click.Command, words: str) -> Iterator[tuple[str, click.Command]]:
        yield words, command
        if isinstance(command, LazyGroup):
            ctx = click.Context(command)
            for name in command.list_commands(ctx):
                found = command.get_command(ctx, name)
                assert found is not None
                yield from walk(found, f"{words} {name}".strip())

    return walk(program(), "")


@pytest.mark.parametrize("words", ["", "multicloud", "multicloud resources"])
def test_help_loads_neither_django_nor_an_sdk(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words.split(), "--help"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = done.stdout.splitlines()[-1]
    for heavy in ("django", "celery", "boto3", "botocore", "asyncio", "yaml", "providers", "resources", "sandbox"):
        assert f"'{heavy}'" not in loaded


@pytest.mark.parametrize(
    ("words", "command"), [pytest.param(*each, id=each[0] or "paas-cli") for each in every_command()]
)
def test_every_help_has_examples_and_every_command_json(words: str, command: click.Command) -> None:
    ctx = click.Context(command, info_name=f"paas-cli {words}".strip())
    text = command.get_help(ctx)
    assert "Examples:" in text
    assert "paas-cli" in text.partition("Examples:")[2]
    if not isinstance(command, LazyGroup):
        assert "--json" in text
        assert not any(
            name.startswith(("--secret", "--password", "--token")) for param in command.params for name in param.opts
        )


def test_the_line_in_a_list_of_commands_fits_one_screen_line() -> None:
    for words, command in every_command():
        if isinstance(command, LazyGroup):
            assert all(len(row.help) <= 75 for row in command.rows.values()), words


def test_the_page_about_the_commands_is_current() -> None:
    assert (CHECKOUT / "docs" / "cli.md").read_text() == documentation.document(), (
        "run: python -m multicloud_site.cli.documentation > docs/cli.md"
    )


def test_a_shell_completes_commands_and_options(tmp_path: Path) -> None:
    def completed(words: str) -> str:
        count = str(len(words.split()) if words.endswith(" ") else len(words.split()) - 1)
        done = run(tmp_path / "home", _PAAS_CLI_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=count)
        return done.out

    assert "multicloud" in completed("paas-cli mul")
    assert "resources" in completed("paas-cli multicloud r")
    assert "--service-type" in completed("paas-cli multicloud resources create --ser")
    assert "running" in completed("paas-cli multicloud resources list --state run")


def test_a_home_without_multicloud_says_how_to_make_one(tmp_path: Path) -> None:
    done = run(tmp_path / "nothing", "multicloud", "resources", "list")
    assert done.code == 3
    assert "paas-cli setup" in done.err
    assert not (tmp_path / "nothing").exists()


def test_a_mistake_in_the_command_line_is_told_in_two_lines(tmp_path: Path) -> None:
    done = run(tmp_path / "home", "multicloud", "resources", "lst")
    assert done.code == 2
    assert [line.partition(": ")[0] for line in done.err.splitlines()] == ["paas-cli", "hint"]


def test_a_sandbox_that_does_not_answer_is_unreachable(tmp_path: Path) -> None:
    assert run(tmp_path / "home", "sandbox", "status").code == 5


def test_a_mistake_of_the_program_is_two_lines_without_its_values(tmp_path: Path) -> None:
    broken = "import multicloud_site.cli.config as c; c.show.callback = lambda **_: {}['hush-hush']"
    done = subprocess.run(
        [sys.executable, "-c", f"{broken}\nfrom multicloud_site.cli import main; main()", "config", "show"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "hush-hush" not in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_an_interrupted_command_ends_with_130(tmp_path: Path) -> None:
    stopped = "import multicloud_site.cli.config as c\ndef stop(**_): raise KeyboardInterrupt\nc.show.callback = stop"
    done = subprocess.run(
        [sys.executable, "-c", f"{stopped}\nfrom multicloud_site.cli import main; main()", "config", "show"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (130, False)


def test_help_costs_little_more_than_a_bare_program_of_click(tmp_path: Path) -> None:
    """The bar itself is measured by `make bench`; here a few runs guard against a heavy import."""
    assert bench.measure(tmp_path / "home", runs=3)["cli_vs_click"] < 2.5


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ("multicloud resources migrate --resource-id res-123 --target-provider gcp", "migrations"),
        ("multicloud costs compare --service-type compute --resource-type instance --region us-east-1", "catalogue"),
        ("multicloud optimize recommendations", "catalogue"),
        ("multicloud optimize apply --type cost", "catalogue"),
        ("multicloud optimize strategy --strategy balanced", "placement"),
    ],
)
def test_a_documented_command_whose_part_is_not_there_names_what_is_missing(
    tmp_path: Path, arguments: str, missing: str
) -> None:
    done = run(tmp_path / "home", *arguments.split(), "--json")
    assert (done.code, done.json["error"]["type"]) == (1, "NotYetSupported")
    assert missing in done.err
