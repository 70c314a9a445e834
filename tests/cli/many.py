"""Many runs of `paas-cli` in one process: each line in is a run, each line out its end.

Started with MULTICLOUD_HOME set; the tests' own process keeps its own home and database.
"""

import json
import os
import sys

from click.testing import CliRunner

from multicloud_site.cli.root import program


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        before = dict(os.environ)
        os.environ.update(asked["variables"])
        done = CliRunner().invoke(program(), asked["arguments"], input=asked["input"], prog_name="paas-cli")
        os.environ.clear()
        os.environ.update(before)
        mistake = "" if done.exception is None or isinstance(done.exception, SystemExit) else repr(done.exception)
        answer = {"code": done.exit_code, "out": done.stdout, "err": done.stderr, "mistake": mistake}
        sys.__stdout__.write(json.dumps(answer) + "\n")
        sys.__stdout__.flush()


if __name__ == "__main__":
    main()
