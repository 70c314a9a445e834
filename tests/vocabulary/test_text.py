"""Names are what they look like, exports run nothing, and a secret in a note is noticed."""

import csv
import io
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocabulary.errors import InvalidParameter
from vocabulary.text import checked_name, csv_safe, csv_unsafe, looks_like_secret, safe_filename, visible


@pytest.mark.parametrize(
    "name", ["web-server-1", "Überwachung", "データベース", "база", "a b", "100 % <b>{{7*7}}</b>", "🚀 rocket"]
)
def test_a_name_in_any_language_is_kept(name):
    assert checked_name(name) == name


def test_a_name_is_composed_and_trimmed():
    assert checked_name("  Café ") == "Caf\u00e9"
    assert checked_name("Cafe\u0301") == "Caf\u00e9"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("invoice\u202egpj.exe", "character 8 is U\\+202E RIGHT-TO-LEFT OVERRIDE"),
        ("a\u200bdmin", "character 2 is U\\+200B ZERO WIDTH SPACE"),
        ("ad\u00admin", "U\\+00AD SOFT HYPHEN"),
        ("\ufeffadmin", "U\\+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("a\u2066b", "U\\+2066 LEFT-TO-RIGHT ISOLATE"),
        ("a\nb", "U\\+000A with no name"),
        ("a\x00b", "U\\+0000"),
        ("a\x1b[31m", "U\\+001B"),
        ("a\ud800", "U\\+D800"),
        ("a\u2028b", "U\\+2028 LINE SEPARATOR"),
        ("a\u00a0b", "U\\+00A0 NO-BREAK SPACE"),
        ("a\u3164b", "U\\+3164 HANGUL FILLER"),
        ("admin\ufe0f", "U\\+FE0F VARIATION SELECTOR-16"),
        ("a\U000e0041", "U\\+E0041 TAG LATIN CAPITAL LETTER A"),
        ("a\ue000", "U\\+E000"),
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("x" * 129, "129 characters"),
    ],
)
def test_a_name_with_a_hidden_character_is_refused_and_the_character_named(text, why):
    with pytest.raises(InvalidParameter, match=why) as refused:
        checked_name(text)
    assert str(refused.value).isprintable()


def test_a_clouds_hidden_characters_are_shown_escaped():
    assert visible("a\u202eb\n<b>") == "a<U+202E>b<U+000A><b>"
    assert visible("x" * 400) == "x" * 300 + "…"


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text())
def test_what_is_shown_of_any_text_has_nothing_hidden(text):
    assert visible(text).isprintable() or any(unicodedata.category(c) == "Zs" for c in visible(text))


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "'=1",
        "''@x",
        "-",
        "=",
        "-a",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_quoted_and_read_back(cell):
    assert csv_safe(cell) == f"'{cell}"
    assert csv_unsafe(csv_safe(cell)) == cell


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (-5, "-5"),
        (-0.5, "-0.5"),
        (Decimal("-1E-10"), "-0.0000000001"),
        ("-5.25", "-5.25"),
        ("+1", "+1"),
        ("1e5", "1e5"),
        ("plain", "plain"),
        ("'quoted'", "'quoted'"),
        ("", ""),
        (None, ""),
        (True, "true"),
    ],
)
def test_numbers_stay_numbers_and_plain_text_stays_plain(cell, written):
    assert csv_safe(cell) == written


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.text(alphabet="'=+-@\t\r\n＝a1.,\"", max_size=6))
def test_any_text_survives_the_way_through_a_csv_file(text):
    file = io.StringIO(newline="")
    csv.writer(file).writerow([csv_safe(text), "end"])
    ((read, end),) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert (csv_unsafe(read), end) == (text, "end")
    assert text[:1] not in tuple("=@\t\r\n＝") or not text or csv_safe(text)[0] == "'"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("resources 2026-11.csv", "resources-2026-11.csv"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("a\r\nSet-Cookie: x", "a-Set-Cookie-x"),
        ('a"; rm -rf ~', "a-rm-rf"),
        ("a\x00b", "a-b"),
        ("Größe.csv", "Groe.csv"),
        ("データ", "file"),
        ("con", "file-con"),
        ("NUL.csv", "file-NUL.csv"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a..b", "a.b"),
    ],
)
def test_a_file_name_has_no_folder_and_no_surprise(text, name):
    assert safe_filename(text) == name


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", ".csv", ".tar.gz"]))
def test_any_text_makes_a_usable_file_name(text, ending):
    name = safe_filename(text + ending)
    assert 0 < len(name) <= 100
    assert name[0] not in ".-"
    assert ".." not in name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def test_a_long_file_name_keeps_its_ending():
    assert safe_filename("x" * 300 + ".parquet") == "x" * 92 + ".parquet"


# Put together from parts, so that no scanner takes these lines for what they imitate.
IMITATIONS = {
    "AKIA" + "IOSFODNN7EXAMPLE": "an AWS access key ID",
    "AKIA" + "SANDBOXPRODUCTION": "an AWS access key ID",
    "note: wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY": "an AWS secret access key",
    "-----BEGIN RSA " + "PRIVATE KEY-----": "a private key",
    "-----BEGIN " + "PRIVATE KEY-----": "a private key",
    "ghp_" + "a1B2" * 9: "a GitHub token",
    "xoxb-" + "1234567890-abc": "a Slack token",
    "AIza" + "Sy0" * 12: "a Google API key",
    "dop_v1_" + "0af1" * 16: "a DigitalOcean token",
    "LTAI" + "5tExampleExample": "an Alibaba Cloud access key ID",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0.x": "a signed token (JWT)",
    "DefaultEndpointsProtocol=https;AccountKey=" + "abcd" * 22: "an Azure connection string",
    "https://user:" + "hunter2hunter2@example.com": "an address with a password",
    "password = " + "correct-horse": "a secret with its label",
    '{"secret_access_key": "' + 'sandbox-production-secret"}': "a secret with its label",
    "aws_secret_access_key=" + "x" * 20: "a secret with its label",
}


@pytest.mark.parametrize(("text", "title"), IMITATIONS.items())
def test_a_secret_in_a_name_tag_or_note_is_noticed(text, title):
    assert looks_like_secret(text) == title
    assert looks_like_secret(f"(see {text} )")


@pytest.mark.parametrize(
    "text",
    [
        "web-server-1",
        "res-abcdefghij23",
        "arn:aws:ec2:eu-west-1:111111111111:instance/i-0123456789abcdef0",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",  # a commit
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/Group1/providers/Microsoft.Compute",
        "secrets are rotated monthly",
        "token bucket",
        "https://example.com/path?sig=1",
        "",
    ],
)
def test_an_ordinary_name_is_not_taken_for_a_secret(text):
    assert looks_like_secret(text) == ""


@pytest.mark.timeout(10)
def test_a_hostile_text_does_not_hold_the_check():
    for text in (
        "a" * 10**6,
        "A1b" * 10**5,
        "-----BEGIN " * 10**4,
        "eyJ" * 10**5,
        "https://" * 10**4,
        "password " * 10**4,
    ):
        looks_like_secret(text)
