"""The tree of commands, built from the table without importing one of them, and the exit code of the program."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import TracebackType
from typing import Any, NoReturn

import click

from multicloud_site.cli import table_of_commands
from multicloud_site.cli.table_of_commands import Branch

HELP = """Multicloud on this machine: see, create, change and move what runs on eight clouds.

Works on the state under MULTICLOUD_HOME, as the local operator: whoever may read that folder is trusted. Actions are
done, and audited, as the user named by --as or MULTICLOUD_USER, else as the first admin."""

EXIT_CODES = """\
0 done · 1 refused by a cloud or by our rules · 2 the command line or the configuration makes no sense ·
3 not found · 4 uncertain, needs a person · 5 unreachable · 130 interrupted"""


class LazyGroup(click.Group):
    """A group that knows its commands' names and help from the table, and imports one when it is to run."""

    def __init__(self, name: str, branch: Branch, **more: Any) -> None:
        super().__init__(name, help=more.pop("help", branch.help), short_help=branch.help, **more)
        self.rows = branch.rows

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        row = self.rows.get(cmd_name)
        if row is None:
            return None
        if isinstance(row, Branch):
            return LazyGroup(cmd_name, row)
        module, _, name = row.where.partition(":")
        command = getattr(import_module(f"multicloud_site.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.help) for name, row in self.rows.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for name in list(self.rows)[:2]:
                formatter.write(f"{'':{formatter.current_indent}}{ctx.command_path} {name} --help\n")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=row.help) for name, row in self.rows.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


class Program(LazyGroup):
    """The whole program. Whatever goes wrong ends in two lines and an exit code, never in a traceback."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **more: Any) -> NoReturn:
        arguments = list(sys.argv[1:] if args is None else args)
        if prog_name == "paas-cli":
            sys.excepthook = _unexpected
        more["standalone_mode"] = False
        try:
            code = super().main(arguments, prog_name or "paas-cli", **more)
        except Exception as problem:
            from multicloud_site.cli import refusals

            code = refusals.told(problem, "--json" in arguments)
            if code is None:
                raise
        sys.exit(code or 0)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_text(EXIT_CODES)


def program() -> Program:
    """`paas-cli`, ready to be called."""
    branch = Branch("Multicloud on this machine.", table_of_commands.COMMANDS)
    return Program("paas-cli", branch, help=HELP)


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Two lines about a mistake of ours. The exception's own text stays out: nobody knows what it holds."""
    if os.environ.get("MULTICLOUD_DEBUG"):
        sys.__excepthook__(kind, error, trace)
        return
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "unknown"  # noqa: PTH119 - pathlib may be what failed
    print(f"paas-cli: Multicloud: a mistake of this program, {kind.__name__} ({where})", file=sys.stderr)
    print("hint: nothing more is known; MULTICLOUD_DEBUG=1 shows the traceback for a report", file=sys.stderr)
