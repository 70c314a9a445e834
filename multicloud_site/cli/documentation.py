"""docs/cli.md, made from the commands themselves: `python -m multicloud_site.cli.documentation > docs/cli.md`."""

from collections.abc import Iterator

import click

from multicloud_site.cli.root import LazyGroup, program

WIDTH = 110
HEAD = """# paas-cli

Made by `python -m multicloud_site.cli.documentation > docs/cli.md`; a test compares the two.

Each command answers in tables, or with `--json` in JSON: a list is an array of objects, a resource has the names of
the library's `CloudResource`, and an error is `{"error": {"type", "who", "call", "why", "hint", "exit_code", …}}` on
stdout beside its two lines on stderr. No command takes a secret as an argument: secrets come from
`--credentials-file` (mode 0600), from the cloud's own variables (`AWS_SECRET_ACCESS_KEY`), or from a prompt that does
not show what is typed. `NO_COLOR` switches colours off.

Completion in bash: `eval "$(_PAAS_CLI_COMPLETE=bash_source paas-cli)"` (zsh and fish likewise).
"""


def document() -> str:
    """The whole page."""
    return HEAD + "".join(_sections(program(), None, "paas-cli"))


def _sections(command: click.Command, parent: click.Context | None, name: str) -> Iterator[str]:
    ctx = click.Context(command, parent=parent, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    with ctx:
        yield f"\n## {ctx.command_path}\n\n```text\n{command.get_help(ctx).rstrip()}\n```\n"
    if isinstance(command, LazyGroup):
        for each in command.list_commands(ctx):
            found = command.get_command(ctx, each)
            assert found is not None
            yield from _sections(found, ctx, each)


if __name__ == "__main__":
    click.echo(document(), nl=False)
