"""`paas-cli`: the face for a terminal and for scripts. What this module imports is paid for by every `--help`."""


def main() -> None:
    """The program `paas-cli`."""
    from multicloud_site.cli.root import program

    program()(prog_name="paas-cli")
