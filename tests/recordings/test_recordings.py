"""A seeded sample of the recorded responses; `python -m tests.recordings DIR=…` reads them all."""

from pathlib import Path
from random import Random

import pytest

from tests.recordings.__main__ import main
from tests.recordings.replay import Recording, problem_of, readers, trimmed

SAMPLE = 60


@pytest.fixture(scope="module")
def recordings(reference_data: Path) -> list[Path]:
    folder = reference_data / "recorded" / "aws"
    if not folder.is_dir():
        pytest.skip(f"no recorded responses: {folder} is not there")
    return sorted(folder.rglob("*.json"))


def test_recorded_answers_are_read_as_the_cloud_meant_them(recordings: list[Path]) -> None:
    ours = [path for path in recordings if Recording.read(path).method in readers()]
    sample = Random(2026).sample(ours, min(SAMPLE, len(ours)))
    assert sample
    problems = {path.name: problem_of(Recording.read(path)) for path in sample if not trimmed(Recording.read(path))}
    assert not {name: problem for name, problem in problems.items() if problem}


def test_an_answer_that_cannot_be_read_is_counted_as_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ec2.DescribeVolumes_1.json").write_text(
        '{"status_code": 200, "data": {"Volumes": [{"State": "odd"}]}}'
    )
    (tmp_path / "ec2.DescribeVpcs_1.json").write_text('{"status_code": 200, "data": {"Vpcs": []}}')
    (tmp_path / "iam.ListUsers_1.json").write_text('{"status_code": 200, "data": {"Users": []}}')
    (tmp_path / "other.json").write_text("[]")
    assert main([f"DIR={tmp_path}"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "recordings: 1 parsed, 1 failed, 2 not covered"


def test_a_missing_folder_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["DIR=/no/such/folder"]) == 2
    assert "/no/such/folder is not a folder" in capsys.readouterr().out
