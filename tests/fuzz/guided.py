"""Fuzzing that is guided by coverage: `python -m tests.fuzz.guided --inputs 1000000`.

Atheris, Google's libFuzzer for Python, keeps what reaches lines that nothing reached before, and
mutates that. Each target of `targets` runs in a process of its own, whose memory is bounded; an
input that fails is left in the folder of inputs (``--keep``), and is fed again by naming its file.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.fuzz.targets import TARGETS, tokens

SHARES: Final = {
    "schemas": 0.33,
    "records": 0.33,
    "requests": 0.33,
    "spoiled files": 0.005,
    "forged files": 0.005,
}
"""Of the inputs: to open a file and ask for all of it takes a hundred times longer."""

_NEVER_SECONDS: Final = 1_000_000

_RUN: Final = "import sys; from tests.fuzz.fed import main; main(sys.argv[1:])"
_DONE: Final = re.compile(r"Done (\d+) (?:runs? )?in \d+ second")
_REACHED: Final = re.compile(r"^#(\d+)\s", re.MULTILINE)
_COVERED: Final = re.compile(r"cov: (\d+) ft: (\d+)")


class Fuzzed(NamedTuple):
    """What came of a target: inputs, branches that they reached, and the output if one failed."""

    target: str
    inputs: int
    covered: int
    failure: str | None


def fuzz(target: str, inputs: int, corpus: Path, *, seed: int = 1) -> Fuzzed:
    """Feed ``inputs`` to a target, beginning with what ``corpus`` holds already."""
    folder = corpus / target.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for number, data in enumerate(TARGETS[target].seeds(Path(scratch))):
            (folder / f"seed-{number}").write_bytes(data)
    words = corpus / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in tokens()))
    options = [
        f"-atheris_runs={inputs}", f"-seed={seed}", f"-dict={words}",
        # libFuzzer goes by the clock, which ends a run on a busy machine: `fed` measures what the
        # processor did.
        f"-timeout={_NEVER_SECONDS}", f"-report_slow_units={_NEVER_SECONDS}",
        "-max_len=80000", f"-artifact_prefix={folder}-", "-print_final_stats=0",
    ]  # fmt: skip
    # The process ends without a word to Python, and so cannot clear away by itself.
    with tempfile.TemporaryDirectory(dir=_fast_folder()) as scratch:
        ran = subprocess.run(
            [sys.executable, "-c", _RUN, target, scratch, *options, str(folder)],
            capture_output=True,
            check=False,
        )
    text = ran.stdout.decode(errors="replace") + ran.stderr.decode(errors="replace")
    done = _DONE.search(text)
    reached = [int(number) for number in _REACHED.findall(text)]
    covered = [int(found[0]) for found in _COVERED.findall(text)]
    is_whole = ran.returncode == 0 and done is not None
    return Fuzzed(
        target,
        int(done[1]) if done else max(reached, default=0),
        max(covered, default=0),
        None if is_whole else f"{text[-6000:]}\nended with {ran.returncode}",
    )


def _fast_folder() -> str | None:
    """Where files are in memory, if there is such a place."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def fuzz_all(inputs: int, corpus: Path, *, seed: int = 1) -> Iterator[Fuzzed]:
    """Feed all targets their shares of ``inputs``, one after the other."""
    for target, share in SHARES.items():
        yield fuzz(target, round(share * inputs), corpus, seed=seed)


def main() -> int:
    """Run all targets; 1 where any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="the folder of inputs, to go on from")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for result in fuzz_all(options.inputs, options.keep or Path(folder), seed=options.seed):
            outcome = "failed" if result.failure else "0 failed"
            line = f"{result.inputs:11,} inputs, {result.covered} branches; {outcome}"
            print(f"{result.target:15}{line}", flush=True)
            if result.failure:
                failed += 1
                print(result.failure, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
