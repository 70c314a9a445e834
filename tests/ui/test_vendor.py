"""What the browser loads comes from us, is what its makers published, and is small enough."""

import gzip
import re
import tomllib
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs_version

from tools import vendor

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
PACKAGES = tomllib.loads((STATIC / "vendor" / "VENDOR.toml").read_text())["package"]


def folder(package):
    return STATIC / "vendor" / package["folder"] / package["version"]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
class TestEveryThirdPartyPackage:
    def test_each_file_is_what_the_package_held(self, package):
        for file in package["files"]:
            assert vendor.sum_of((folder(package) / file["path"]).read_bytes()) == file["sha256"], file["path"]

    def test_its_licence_lies_beside_it(self, package):
        assert package["licence"]
        assert (folder(package) / "LICENSE").read_text().strip()

    def test_nothing_else_lies_in_its_folder(self, package):
        there = {str(path.relative_to(folder(package))) for path in folder(package).rglob("*") if path.is_file()}
        assert there == {file["path"] for file in package["files"]}


def test_only_listed_packages_are_served():
    there = {str(path.relative_to(STATIC / "vendor")) for path in (STATIC / "vendor").glob("*/*") if path.is_dir()}
    assert there == {f"{package['folder']}/{package['version']}" for package in PACKAGES}


def test_figures_are_drawn_by_the_version_the_python_package_was_made_for():
    versions = {package["version"] for package in PACKAGES if package["folder"].startswith("plotly")}
    assert versions == {get_plotlyjs_version()}


def test_the_sprite_is_built_from_the_icons_in_the_repository(tmp_path, monkeypatch):
    monkeypatch.setattr(vendor, "STATIC", tmp_path)
    vendor.build_sprite(PACKAGES)
    assert (tmp_path / "icons.svg").read_text() == (STATIC / "icons.svg").read_text()


def test_no_style_sheet_or_script_of_ours_names_another_host():
    ours = [*(STATIC / "css").glob("*.css"), *(STATIC / "js").glob("*.js")]
    assert ours
    for path in ours:
        assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", path.read_text()), path.name


def test_our_style_sheets_stay_within_15_kb_compressed():
    assert sum(len(gzip.compress(path.read_bytes())) for path in (STATIC / "css").glob("*.css")) <= 15_000


def test_a_page_without_a_chart_loads_at_most_25_kb_of_scripts_compressed():
    scripts = [*(STATIC / "js").glob("*.js"), STATIC / "vendor" / "htmx" / "4.0.1" / "htmx.min.js"]
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) <= 25_000
