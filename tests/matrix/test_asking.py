"""What `make matrix` asks everywhere holds here: a route that answers otherwise is seen at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.matrix import ask
from tests.matrix.record import record
from tests.matrix.truth import RUN, save


def test_a_run_recorded_here_is_answered_as_numpy_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    threads = torch.get_num_threads()
    save(record(tmp_path / "runs" / RUN, "torch"), tmp_path / "truth.npz")
    torch.set_num_threads(threads)
    ask.main(str(tmp_path / "runs"), str(tmp_path / "truth.npz"))
    assert capsys.readouterr().out == f"{len(ask.CHECKS)} routes\n"
