"""What the findings say of each planted fault, as a table: ``python -m tests.faults.table``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

import tb_layerview
from tb_layerview import Finding, LayerViewWarning
from tb_layerview.diagnosis.finding import SEVERITIES
from tests.faults.fault import Fault
from tests.faults.healthy import HEALTHY, Healthy
from tests.faults.planted import FAULTS
from tests.faults.planted_later import LATER
from tests.faults.training import Training


class Outcome(NamedTuple):
    """What was found of a fault.

    ``place`` is that of the right finding in the list, from 1; 0 where there is none. ``right``
    says whether its first step is the one at which the fault was planted, too.
    """

    fault: Fault
    found: list[Finding]
    place: int
    right: bool

    @property
    def named(self) -> Finding | None:
        """The finding that names the fault; without one, the first of all."""
        return self.found[max(0, self.place - 1)] if self.found else None


def findings_of(training: Training, run: Path) -> list[Finding]:
    """What is found in the log of a training."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LayerViewWarning)
        training.record(run)
    return tb_layerview.open(run).findings()


def _layer(finding: Finding, run: Path) -> str:
    """The module that a finding is about: of what is not finite, the one that is to blame."""
    if finding.rule == "non_finite":
        origin = tb_layerview.open(run).origin(finding.first_step)
        if origin is not None and origin.key == finding.key:
            return origin.layer
    return finding.key.partition("/")[0]


def outcome_of(fault: Fault, run: Path, seed: int = 0) -> Outcome:
    """Train with the fault, and look for it."""
    torch.manual_seed(seed)
    found = findings_of(fault.make(), run)
    layers = [_layer(finding, run) for finding in found]
    matching = [
        place
        for place, finding in enumerate(found, start=1)
        if finding.rule == fault.rule and layers[place - 1] in fault.layers
    ]
    exact = [place for place in matching if found[place - 1].first_step == fault.first]
    place = (exact or matching or [0])[0]
    return Outcome(fault, found, place, bool(exact))


def found_in_healthy(healthy: Healthy, run: Path, seed: int = 0) -> list[Finding]:
    """What is found where nothing is wrong; ``seed`` counts from that of the training."""
    torch.manual_seed(healthy.seed + seed)
    return findings_of(healthy.make(), run)


def cells_of_fault(outcome: Outcome) -> tuple[str, ...]:
    """Fault, model, what was planted, what was found, its place in the list, and whether right."""
    fault, named = outcome.fault, outcome.named
    verdict = "yes" if outcome.right else "wrong step" if outcome.place else "**missed**"
    said = f"`{named.rule}`, `{named.key}`, {named.first_step}" if named else "nothing"
    planted = [f"`{layer or '(the model)'}`" for layer in fault.layers[:2]]
    planted += ["..."] if len(fault.layers) > len(planted) else []
    place = f"{outcome.place} of {len(outcome.found)}" if outcome.place else "-"
    where = f"{', '.join(planted) or '-'}, {fault.first}"
    return fault.name, fault.model, where, said, place, verdict


def cells_of_healthy(healthy: Healthy, found: list[Finding]) -> tuple[str, ...]:
    """Its name, and how many findings of each severity; warnings by their rules."""
    counts = {name: [f for f in found if f.severity == name] for name in SEVERITIES}
    rules = ", ".join(sorted({f"`{finding.rule}`" for finding in counts["warning"]}))
    warned = f"{len(counts['warning'])}" + (f" ({rules})" if rules else "")
    return healthy.name, str(len(counts["error"])), warned, str(len(counts["info"]))


def _print_row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def _print_all(found: list[Finding]) -> None:
    for finding in found:
        steps = f"{finding.first_step}-{finding.last_step}"
        print(f"    {finding.severity} {finding.rule} [{steps}] {finding.message}")


def _print_faults(faults: Sequence[Fault], options: argparse.Namespace) -> None:
    _print_row("fault", "model", "planted", "found", "place", "right")
    _print_row(*["---"] * 6)
    right = 0
    for fault in faults:
        with tempfile.TemporaryDirectory() as run:
            outcome = outcome_of(fault, Path(run), options.seed)
        right += outcome.right
        _print_row(*cells_of_fault(outcome))
        if options.all:
            _print_all(outcome.found)
    print(f"\n{right} of {len(faults)} are named with the right rule, layer and first step.\n")


def main() -> int:
    """Print the tables; the exit status is 1 where a healthy training raises an error."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.table", description=__doc__)
    parser.add_argument("--only", default="", help="only those whose name holds this text")
    parser.add_argument("--all", action="store_true", help="print every finding, too")
    parser.add_argument("--seed", type=int, default=0, help="of weights, batches and noise")
    options = parser.parse_args()
    for faults in (FAULTS, LATER):
        _print_faults([fault for fault in faults if options.only in fault.name], options)
    _print_row("healthy training", "errors", "warnings", "for information")
    _print_row(*["---"] * 4)
    errors = 0
    for healthy in [each for each in HEALTHY if options.only in each.name]:
        with tempfile.TemporaryDirectory() as run:
            found = found_in_healthy(healthy, Path(run), options.seed)
        errors += sum(finding.severity == "error" for finding in found)
        _print_row(*cells_of_healthy(healthy, found))
        if options.all:
            _print_all(found)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
