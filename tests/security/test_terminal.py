"""Names in a log are printed as text, and command no terminal."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tb_layerview.__main__ import main
from tb_layerview.log.writer import LogWriter
from tb_layerview.terminal import plain
from tests.fixtures.small_log import make_frame

COMMANDS = "\x1b]0;owned\x07\x1b[2J\x9b1A\r\u202egnp.exe\u2028"
"""Title, clear, up, begin of line, right to left, a line break: each changes what is read."""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    weight = np.full((3, 4), np.nan, "<f4")
    with closing(LogWriter(tmp_path)) as writer:
        for step in (0, 1):
            writer.append(make_frame(step, {f"{COMMANDS}/param.weight": weight}))
    return tmp_path


def damage(run: Path) -> None:
    (segment,) = (run / "plugins" / "layerview").glob("*.lvlog")
    content = segment.read_bytes()
    place = content.rindex(weight := np.full(4, np.nan, "<f4").tobytes())
    segment.write_bytes(content[:place] + bytes(len(weight)) + content[place + len(weight) :])


@pytest.mark.parametrize("command", ["findings", "check"])
def test_what_a_command_prints_is_printable(
    run: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(run)
    main([command, str(run)])
    printed = capsys.readouterr().out
    assert r"\x1b]0;owned\x07\x1b[2J\x9b1A\r\u202egnp.exe\u2028/param.weight" in printed
    assert printed.replace("\n", "").isprintable()


def test_errors_are_printable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "\x1b[2J")]) == 2
    assert capsys.readouterr().err.rstrip("\n").isprintable()


def test_words_of_all_languages_stay_what_they_are() -> None:
    assert plain("слой 层 calque é 🙂 a b") == "слой 层 calque é 🙂 a b"


def test_a_terminal_that_lacks_the_letters_of_a_name_gets_them_as_python_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(LogWriter(tmp_path)) as writer:
        writer.append(make_frame(0, {"層/param.weight": np.full((3, 4), np.nan, "<f4")}))
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, "cp1252", write_through=True))
    assert main(["findings", str(tmp_path)]) == 1
    assert rb"\u5c64/param.weight" in written.getvalue()
