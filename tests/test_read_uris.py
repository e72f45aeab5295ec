"""Paths, URIs and records."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import SettingError
from tasks.read.transient import is_transient
from tasks.read.uris import folder_name, path_to_uri, record_uri, split_record, uri_to_path

NAMES = st.binary(min_size=1).map(lambda b: b.replace(b"\0", b"_").replace(b"/", b"_"))


@given(NAMES)
def test_any_file_name_survives(name):
    """Every name that a file can have comes back from its URI, byte for byte."""
    if name in {b".", b".."}:
        return
    path = Path("/a folder") / os.fsdecode(name)
    uri = path_to_uri(path)
    assert uri.isascii()
    assert uri_to_path(uri) == path
    assert split_record(record_uri(uri, 17)) == (uri, 17)
    assert uri_to_path(record_uri(uri, 17)) == path


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("a b.txt", "file:///n/a%20b.txt"),
        ("a#b?c%20.txt", "file:///n/a%23b%3Fc%2520.txt"),
        ("two\nlines", "file:///n/two%0Alines"),
        ("é", "file:///n/%C3%A9"),
        ("../m/x", "file:///m/x"),
        ("../../../m/x", "file:///m/x"),
    ],
)
def test_a_uri_is_absolute_and_percent_encoded(name, uri):
    """A URI is as ``Path.as_uri`` would give it, with dots resolved."""
    assert path_to_uri(f"/n/{name}") == uri


def test_relative_paths_count_from_the_working_directory(tmp_path, monkeypatch):
    """A relative path gives an absolute URI."""
    monkeypatch.chdir(tmp_path)
    assert path_to_uri("x.txt") == (tmp_path / "x.txt").as_uri()


@pytest.mark.parametrize("uri", ["s3://b/x", "https://n/x", "file://host/x", "x.txt", "file:x"])
def test_other_uris_are_refused(uri):
    """What is no file of this machine is a setting error that says so."""
    with pytest.raises(SettingError, match="only files of this machine"):
        uri_to_path(uri)


def test_localhost_is_this_machine():
    """``file://localhost/…`` and ``file:/…`` are files too."""
    assert uri_to_path("file://localhost/a%20b") == Path("/a b") == uri_to_path("file:/a%20b")


def test_a_file_is_not_a_record():
    """A URI without a record number is the input itself, even with `#L1` in its name."""
    uri = path_to_uri("/a/b#L1")
    assert split_record(uri) == (uri, None)


def test_the_folder_of_an_input_can_be_stored():
    """A folder's name is valid text even if its bytes are not."""
    assert folder_name(path_to_uri("/x/daily bugle/a.txt")) == "daily bugle"
    assert folder_name("file:///a%FFb/c.txt") == "a\ufffdb"
    assert folder_name("file:///c.txt") == "/"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(5, "Input/output error"), True),
        (OSError(116, "Stale file handle"), True),
        (TimeoutError(110, "Connection timed out"), True),
        (ConnectionResetError(104, "Connection reset by peer"), True),
        (TimeoutError(), False),
        (BlockingIOError(11, "Resource temporarily unavailable"), True),
        (FileNotFoundError(2, "No such file or directory"), False),
        (PermissionError(13, "Permission denied"), False),
        (OSError(28, "No space left on device"), False),
        (ValueError("no"), False),
        (None, False),
    ],
)
def test_only_errors_that_pass_are_tried_again(error, expected):
    """Errors of transport are transient; a missing file, permission or space is not.

    Nor is a time limit of ours, which has no number.
    """
    assert is_transient(error) is expected


def test_the_cause_of_an_error_counts():
    """An error raised from a transient one is transient."""
    outer = RuntimeError("worker failed")
    outer.__cause__ = OSError(110, "Connection timed out")
    assert is_transient(outer)
