"""The specification's snippets run as written, inside `async def main()`, against the simulated AWS."""

import asyncio
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from sandbox.control import Control
from src.multicloud import CloudProvider, ServiceType
from tests.library import snippets


def run(body: str, **names: Any) -> dict[str, Any]:
    """Run statements inside `async def main()`, and return its variables."""
    source = f"async def main():\n{indent(body, '    ')}\n    return locals()\n"
    exec(compile(source, "snippet", "exec"), names)
    return dict(asyncio.run(names["main"]()))


@pytest.mark.promise("AP-1", "TY-1", "TY-3", "TY-6", "TY-7", "TY-8", "TY-9", "TY-10", "TY-11", "TY-12")
def test_the_provider_management_snippet_runs_as_written(home: Path) -> None:
    names = run(snippets.PROVIDER_MANAGEMENT + "status = await manager.get_provider_status()")
    assert names["status"][CloudProvider.AWS]["status"] == "available"
    assert names["status"][CloudProvider.AWS]["accounts"][0]["account"] == "111111111111"


@pytest.mark.promise("RE-1", "RE-2", "RE-3", "AP-3", "AP-4", "AP-5", "TY-2", "TY-4", "TY-5", "OV-1")
def test_the_resource_management_snippet_runs_as_written(home: Path, cloud: Control) -> None:
    before = len(cloud.ledger())
    body = snippets.PROVIDER_MANAGEMENT + "made = None\n"
    body += snippets.RESOURCE_MANAGEMENT.replace("# List", "made = resource\n# List", 1)
    names = run(body, optimal_provider=CloudProvider.AWS, ServiceType=ServiceType)
    made, listed, got = names["made"], names["all_resources"], names["resource"]
    assert (made.name, made.region, made.state) == ("web-server-1", "us-east-1", "running")
    assert made.attributes["instance_type"] == "t3.medium"
    assert made.id in {one.id for one in listed}
    assert (got.name, got.tags["multicloud:alias"]) == ("api-server-1", "resource-id")
    assert [entry["action"] for entry in cloud.ledger()[before:]] == ["RunInstances"]
    assert cloud.aliases()["resource-id"]["native_id"] == got.native_id


def test_the_example_of_the_documentation_runs_as_written(
    home: Path, cloud: Control, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(cloud.ledger())
    page = (Path(__file__).resolve().parents[2] / "docs" / "library.md").read_text(encoding="utf-8")
    exec(compile(page.split("```python\n")[1].split("```")[0], "docs/library.md", "exec"), {"__name__": "__main__"})
    assert "running" in capsys.readouterr().out.partition("created")[2]
    assert [entry["action"] for entry in cloud.ledger()[before:]] == ["RunInstances", "TerminateInstances"]


def test_the_snippets_are_those_of_the_specification(reference_data: Path) -> None:
    text = (reference_data / "spec" / "multi-cloud-management.md").read_text(encoding="utf-8")
    for snippet in (snippets.PROVIDER_MANAGEMENT, snippets.RESOURCE_MANAGEMENT, snippets.DEBUG_MODE):
        assert f"```python\n{snippet}```" in text
