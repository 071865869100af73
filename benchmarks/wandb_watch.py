"""`wandb.watch(log="all")`, offline: measured where the package wandb is installed."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.models import Workload
from benchmarks.way import Way


@contextmanager
def wandb_ways(workload: Workload, folder: Path) -> Iterator[list[Way]]:
    """The way, in a list; an empty one where wandb is not installed."""
    if importlib.util.find_spec("wandb") is None:
        yield []
        return
    os.environ["WANDB_SILENT"] = "true"
    wandb = importlib.import_module("wandb")
    run = wandb.init(mode="offline", dir=str(folder), project="benchmark")

    def step(number: int) -> None:
        # Watched for the one step only: its hooks would be in the steps of the other ways, too.
        wandb.watch(workload.model, log="all", log_freq=1)
        workload.step()
        run.log({"step": number})

    def finish() -> None:
        wandb.unwatch(workload.model)
        workload.clear()

    try:
        yield [Way("wandb.watch", step, finish)]
    finally:
        run.finish()
