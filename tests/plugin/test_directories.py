from __future__ import annotations

from pathlib import Path

import pytest

from tb_layerview.log.segment import SUBDIRECTORY
from tb_layerview.plugin.directories import LogDirectories, has_log


def test_a_run_is_the_path_below_the_log_directory(tmp_path: Path) -> None:
    directories = LogDirectories.of_flags(str(tmp_path), "")
    assert directories.of("a/b") == tmp_path / "a" / "b"
    assert directories.of(".") == tmp_path


def test_the_home_directory_may_be_a_tilde() -> None:
    assert LogDirectories.of_flags("~/runs", None).of("a") == Path.home() / "runs" / "a"


def test_a_group_of_logdir_spec_comes_before_the_path(tmp_path: Path) -> None:
    spec = f"old:{tmp_path}/1,new:{tmp_path}/2:with a colon"
    directories = LogDirectories.of_flags("", spec)
    assert directories.of("old/a/b") == tmp_path / "1" / "a" / "b"
    assert directories.of("new/.") == tmp_path / "2:with a colon"
    assert directories.of("old") == tmp_path / "1"
    assert directories.of("older/a") is None


def test_of_several_directories_without_a_group_the_one_with_a_log_is_taken(tmp_path: Path) -> None:
    directories = LogDirectories.of_flags(None, f"{tmp_path}/1,{tmp_path}/2")
    assert directories.of("a") == tmp_path / "1" / "a"
    (tmp_path / "2" / "a" / SUBDIRECTORY).mkdir(parents=True)
    assert directories.of("a") == tmp_path / "2" / "a"


@pytest.mark.parametrize(("logdir", "spec"), [("gs://bucket/runs", ""), ("", "s3://bucket/runs")])
def test_directories_on_other_hosts_have_no_runs_of_ours(logdir: str, spec: str) -> None:
    assert LogDirectories.of_flags(logdir, spec).of("a") is None


def test_a_path_with_a_colon_is_no_group(tmp_path: Path) -> None:
    directories = LogDirectories.of_flags(None, f"{tmp_path}/a:b")
    assert directories.of("c") == tmp_path / "a:b" / "c"


def test_a_file_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "plugins").write_text("not a folder")
    assert not has_log(tmp_path)
