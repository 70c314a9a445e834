"""`python -m tests.recordings DIR=…` reads every recorded response below a folder that one of our rows reads."""

import os
import sys
from collections import Counter
from pathlib import Path

from tests.recordings.replay import Recording, problem_of, readers, trimmed


def main(arguments: list[str]) -> int:
    given = arguments[0] if arguments else os.environ.get("DIR", "")
    folder = Path(given.removeprefix("DIR="))
    if not given or not folder.is_dir():
        print(
            f"{given or 'no folder'} is not a folder; name one: python -m tests.recordings DIR=../shared/recorded/aws"
        )
        return 2
    parsed: Counter[str] = Counter()
    left: Counter[str] = Counter()
    failed = 0
    for path in sorted(folder.rglob("*.json")):
        try:
            recording = Recording.read(path)
        except (ValueError, KeyError, TypeError) as error:
            left[f"not a recording ({type(error).__name__})"] += 1
            continue
        if trimmed(recording):
            left[f"{recording.call} with items whose state was taken out by hand"] += 1
            continue
        problem = problem_of(recording)
        if problem is None:
            left[f"no row reads {recording.call}"] += 1
        elif problem:
            failed += 1
            print(f"FAILED {path.relative_to(folder)}: {problem}")
        else:
            parsed[recording.method] += 1
    for reason, number in sorted(left.items(), key=lambda entry: (-entry[1], entry[0])):
        print(f"not covered {number:4}: {reason}")
    for method, number in sorted(parsed.items()):
        kind, _, purpose = readers()[method]
        print(f"parsed {number:4}: {method} ({kind} {purpose})")
    print(f"recordings: {parsed.total()} parsed, {failed} failed, {left.total()} not covered")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
