"""Setups that more than one test of the vocabulary uses."""

from pathlib import Path

import pytest

from vocabulary.configuration import Configuration, load


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Loads a text as config/multicloud.yaml of a checkout in which the program was started."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()

    def load_text(text, environ=None, flags=None) -> Configuration:
        path = Path("config/multicloud.yaml")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(path, environ or {}, flags or {})

    return load_text
