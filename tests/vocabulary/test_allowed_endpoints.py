"""What MULTICLOUD_ALLOWED_ENDPOINTS may say."""

import pytest

from vocabulary.endpoints import parse_allowed
from vocabulary.errors import ConfigurationError


@pytest.mark.parametrize(
    "entry", ["localhost", "http://localhost:80", "user@localhost:80", "localhost:99999", "::1:80", ":80", "a:b"]
)
def test_a_setting_that_is_not_host_and_port_is_refused(entry):
    with pytest.raises(ConfigurationError, match="MULTICLOUD_ALLOWED_ENDPOINTS"):
        parse_allowed(entry)


def test_a_password_in_the_setting_is_not_repeated():
    with pytest.raises(ConfigurationError) as refused:
        parse_allowed("user:canary@localhost:80")
    assert "canary" not in str(refused.value)


def test_the_setting_may_use_commas_blanks_and_capitals():
    assert parse_allowed(" LOCALHOST.:4566,\n[0::1]:80  ") == ("localhost:4566", "[::1]:80")
    assert parse_allowed("") == ()
