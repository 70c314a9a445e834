"""Bring the browser's third-party files into static/vendor/, from the npm packages that VENDOR.toml names.

    python tools/vendor.py            fetch, check and unpack every package, and build static/icons.svg
    python tools/vendor.py --icons    only rebuild static/icons.svg from the icons kept in the repository

To add an icon: add a line to the files of lucide-static in VENDOR.toml and run the tool. To take a new version:
change `version` and clear the sums; the tool prints the new ones, to be read and pasted by a person. It needs npm.
"""

import hashlib
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

STATIC = Path(__file__).resolve().parent.parent / "static"
VENDOR = STATIC / "vendor"
#: One symbol of the sprite. Lucide draws with a stroke of 2; at 16 px the thinner one is clearer beside 13 px text.
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>\n'
)


def sum_of(content: bytes) -> str:
    """The SHA-256 of some bytes, as VENDOR.toml writes it."""
    return hashlib.sha256(content).hexdigest()


def manifest() -> dict[str, Any]:
    """VENDOR.toml: `package` tables, each with name, version, licence, sums and files."""
    return tomllib.loads((VENDOR / "VENDOR.toml").read_text())


def sprite(icons: dict[str, str]) -> str:
    """One SVG with a symbol for each icon, from the SVG text of each, in the order given."""
    symbols = (SYMBOL.format(name=name, shapes=_shapes(text)) for name, text in icons.items())
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "".join(symbols) + "</svg>\n"


def _shapes(svg: str) -> str:
    inner = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    return re.sub(r">\s+<", "><", inner.strip())


def _folder(package: dict[str, Any]) -> Path:
    return Path(VENDOR, package["folder"], package["version"])


def _fetch(package: dict[str, Any], into: Path) -> dict[str, bytes]:
    named = f"{package['name']}@{package['version']}"
    subprocess.run(["npm", "pack", "--silent", named], cwd=into, check=True, stdout=subprocess.DEVNULL)
    (tarball,) = into.glob("*.tgz")
    found = sum_of(tarball.read_bytes())
    if found != package["tarball_sha256"]:
        raise SystemExit(f"{named}: the tarball's SHA-256 is {found}, VENDOR.toml says {package['tarball_sha256']}")
    with tarfile.open(tarball) as archive:
        wanted = {f"package/{file['source']}": file["path"] for file in package["files"]}
        members = {member.name: archive.extractfile(member) for member in archive if member.name in wanted}
        return {wanted[name]: opened.read() for name, opened in members.items() if opened}


def unpack(package: dict[str, Any]) -> None:
    """Fetch one package, check the tarball and each file against its sum, and write the files that are listed."""
    with TemporaryDirectory() as scratch:
        contents = _fetch(package, Path(scratch))
    for file in package["files"]:
        content = contents[file["path"]]
        if sum_of(content) != file["sha256"]:
            raise SystemExit(f"{package['name']}/{file['path']}: the SHA-256 is {sum_of(content)}")
        target = _folder(package) / file["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def build_sprite(packages: list[dict[str, Any]]) -> None:
    """Write static/icons.svg from the Lucide icons kept under static/vendor/."""
    lucide = next(package for package in packages if package["name"] == "lucide-static")
    paths = [_folder(lucide) / file["path"] for file in lucide["files"] if file["path"].endswith(".svg")]
    (STATIC / "icons.svg").write_text(sprite({path.stem: path.read_text() for path in paths}))


def main() -> None:
    packages = manifest()["package"]
    if "--icons" not in sys.argv[1:]:
        for package in packages:
            unpack(package)
    build_sprite(packages)


if __name__ == "__main__":
    main()
