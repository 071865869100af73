"""A few of the inputs of `make fuzz`, in a process of their own, whose memory they bound."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

INPUTS: Final = 500


def test_spoiled_logs_and_requests_break_nothing() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--inputs", str(INPUTS)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("; 0 failed\n")
