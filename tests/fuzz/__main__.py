"""Spoils logs and requests, and says what came of it: `python -m tests.fuzz --inputs 100000`.

An input fails that ends in an error which is none of ours, answers what was not written, takes more
than `SECONDS`, or needs more than `BYTES` of memory. A failure prints the seed that brings it back.
"""

from __future__ import annotations

import argparse
import collections
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tests.fuzz.asking import RUN, Asked, ask_anything, ask_for_all, slice_of
from tests.fuzz.mutations import FORGED, HONEST
from tests.fuzz.segments import STEPS, arrays_of, segment_of, write_base

SECONDS: Final = 1.0
"""Processor time of one input."""

BYTES: Final = 1 << 30
"""Address space that the inputs may add to what the process has when it begins."""

Written = dict[int, dict[str, npt.NDArray[Any]]]


class Fuzz:
    """A log, and what is done to it; each input is made of a seed."""

    def __init__(self, folder: Path) -> None:
        self.data = write_base(folder)
        self.segment = segment_of(folder)
        self.folder = folder
        self.written: Written = {step: arrays_of(step) for step in STEPS}
        self.whole = Asked(folder)
        self.whole.get("/catalog", run=RUN)
        self.statuses: collections.Counter[tuple[str, int]] = collections.Counter()

    def log(self, seed: int) -> str:
        """Spoil the log, and ask for all that it tells of."""
        choose = random.Random(seed)  # noqa: S311  # to be brought back
        mutate = choose.choice((*HONEST, *FORGED))
        self.segment.write_bytes(mutate(choose, self.data))
        asked = Asked(self.folder)
        ask_for_all(choose, asked, self.written if mutate in HONEST else None)
        if choose.random() < 0.05:
            asked.get("/findings", run=RUN)
        self._count(mutate.__name__, asked)
        return mutate.__name__

    def requests(self, seed: int) -> str:
        """Ask a whole log for anything, and for slices that NumPy answers too."""
        choose = random.Random(seed)  # noqa: S311
        asked = self.whole
        asked.statuses = []
        for _ in range(10):
            ask_anything(choose, asked, list(self.written[STEPS[0]]))
        step = choose.choice(STEPS)
        key, array = choose.choice(list(self.written[step].items()))
        text, index = slice_of(choose, array.shape)
        status, found = asked.get("/array", run=RUN, key=key, step=step, slice=text)
        try:
            expected = array[index]
        except IndexError:
            assert status == 400, (key, text, status)
        else:
            assert status == 200, (key, text, found)
            np.testing.assert_array_equal(found, expected)
        self._count("requests", asked)
        return "requests"

    def _count(self, kind: str, asked: Asked) -> None:
        self.statuses.update((kind, status) for status in asked.statuses)


def main() -> int:
    """Run the inputs; 1 where any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0, help="that of the first input")
    options = parser.parse_args()
    warnings.simplefilter("error")
    failed = 0
    inputs: collections.Counter[str] = collections.Counter()
    slowest = (0.0, 0)
    with tempfile.TemporaryDirectory() as folder:
        # Requests need the log whole: it is opened first, in a folder of its own.
        logs, requests = Fuzz(Path(folder, "logs")), Fuzz(Path(folder, "requests"))
        bound_memory()
        for seed in range(options.seed, options.seed + options.inputs):
            begun = time.process_time()
            try:
                kind = requests.requests(seed) if seed % 5 == 0 else logs.log(seed)
            except Exception:  # noqa: BLE001  # whatever it is, it is what we look for
                failed += 1
                print(f"--- failed: --inputs 1 --seed {seed}", file=sys.stderr)
                traceback.print_exc(limit=-6)
                continue
            seconds = time.process_time() - begun
            slowest = max(slowest, (seconds, seed))
            if seconds > SECONDS:
                failed += 1
                print(f"--- slow, {seconds:.2f} s: --inputs 1 --seed {seed}", file=sys.stderr)
            inputs[kind] += 1
        statuses = logs.statuses + requests.statuses
    for kind, count in sorted(inputs.items()):
        answers = ", ".join(f"{n} x {s}" for (k, s), n in sorted(statuses.items()) if k == kind)
        print(f"{kind:12}{count:9,} inputs; answers: {answers}")
    print(f"slowest {slowest[0] * 1e3:.0f} ms (seed {slowest[1]}); {failed} failed")
    return 1 if failed else 0


def bound_memory() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main())
