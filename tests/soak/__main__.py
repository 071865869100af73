"""Kill, spoil, fill, load and fuzz, long and often; each row is printed at once: `make soak`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.fuzz.guided import fuzz_all
from tests.soak.crash import KEEP, Recorders, kill_many
from tests.soak.disk import survive_all
from tests.soak.load import Load, bear
from tests.soak.row import HEAD, Row, line
from tests.soak.tails import spoil_tails


def main() -> int:
    """Try everything; 1 where anything was lost. A failure says at once what it was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--troubles", type=int, default=50)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--gigabytes", type=float, default=10, help="size of the log under load")
    parser.add_argument("--keep", type=Path, help="the fuzzer's folder of inputs, to go on from")
    options = parser.parse_args()
    lost = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = options.keep or folder / "corpus"
        parts: dict[str, Callable[[Path], Iterable[Row]]] = {
            "kills": lambda part: _kill(part, options.kills),
            "tails": spoil_tails,
            "disks": lambda part: survive_all(part, options.troubles),
            "load": lambda part: [bear(part, Load(64, 60, 10_000, options.gigabytes, 0.25))],
            "inputs": lambda _part: _fuzz(options.inputs, corpus),
        }
        print(HEAD, flush=True)
        for what, part in parts.items():
            (folder / what).mkdir()
            for row in told(what, part(folder / what)):
                lost += row.lost
    return 1 if lost else 0


def told(what: str, rows: Iterable[Row]) -> Iterator[Row]:
    """Each row, printed as soon as it is there: a run may be interrupted."""
    begun = time.monotonic()
    for row in rows:
        print(line(row), flush=True)
        print(f"{what}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        yield row
        begun = time.monotonic()


def _kill(folder: Path, kills: int) -> Iterator[Row]:
    with Recorders.started() as recorders:
        yield kill_many(recorders, folder / "all", kills)
        yield kill_many(recorders, folder / "bounded", kills, keep=KEEP)


def _fuzz(inputs: int, corpus: Path) -> Iterator[Row]:
    for result in fuzz_all(inputs, corpus):
        if result.failure is not None:
            print(result.failure, file=sys.stderr)
        failed = int(result.failure is not None)
        what = f"mutated inputs, guided by coverage: {result.target}"
        yield Row(what, result.inputs, failed, f"{result.covered} branches")


if __name__ == "__main__":
    sys.exit(main())
