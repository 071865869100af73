"""All rules, and what they find in a log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tb_layerview.diagnosis import (
    feature_rules,
    gradient_rules,
    loss_rules,
    non_finite,
    scale_rules,
    structure_rules,
    target_rules,
    unit_rules,
)
from tb_layerview.diagnosis.activation_rules import DeadLayer, NormalisedByOthers, Saturated
from tb_layerview.diagnosis.condition import Condition
from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.finding import Finding, in_order
from tb_layerview.diagnosis.norm_rules import CountsNoBatch, FarFromBatch
from tb_layerview.diagnosis.range_rules import OverflowNear, Underflow
from tb_layerview.diagnosis.update_rules import Frozen, LargeUpdates, NoUpdate, SmallUpdates
from tb_layerview.log.reader import LogReader

_CONDITIONS: Final[tuple[type[Condition], ...]] = (
    scale_rules.OutlyingInputs,
    OverflowNear,
    Underflow,
    DeadLayer,
    Saturated,
    CountsNoBatch,
    NormalisedByOthers,
    FarFromBatch,
    LargeUpdates,
    SmallUpdates,
    Frozen,
    NoUpdate,
    target_rules.OneClass,
    target_rules.OutOfReach,
    gradient_rules.NoGradient,
    gradient_rules.Exploding,
    gradient_rules.Growing,
    gradient_rules.Vanishing,
    gradient_rules.ZeroGradient,
)

_SEARCHES: Final[tuple[tuple[tuple[str, str], Callable[[Evidence], list[Finding]]], ...]] = (
    (scale_rules.INITIAL_SCALE, scale_rules.initial_scale),
    (structure_rules.NEVER_REACHED, structure_rules.never_reached),
    (structure_rules.SHARED, structure_rules.shared_parameters),
    (structure_rules.NOTHING_BETWEEN, structure_rules.nothing_between),
    (feature_rules.UNLIKE, feature_rules.unlike_features),
    (scale_rules.UNSCALED, scale_rules.unscaled_targets),
    (target_rules.ABSENT, target_rules.absent_classes),
    (loss_rules.TWICE, loss_rules.normalised_twice),
    (unit_rules.DEAD_UNITS, unit_rules.dead_units),
    (unit_rules.DUPLICATES, unit_rules.alike_filters),
    (unit_rules.UNUSED_TOKENS, unit_rules.unused_rows),
    (unit_rules.COLLAPSED, unit_rules.collapsed),
)

RULES: Final[dict[str, str]] = {
    non_finite.NAME: non_finite.STATES,
    **{condition.name: condition.states for condition in _CONDITIONS},
    **dict(states for states, _ in _SEARCHES),
    unit_rules.CONSTANT[0]: unit_rules.CONSTANT[1],
}
"""Every rule by its name, with its thresholds in a sentence."""

_OF_PARTS: Final = ("frozen", "no_gradient", "never_reached")
_MANY: Final = 4
"""Two layers with weight and bias: so many are a part of a model."""
_MAX_NAMED: Final = 24


class Diagnosis:
    """All rules on one log. Steps that were recorded since the last time are taken in."""

    def __init__(self, log: LogReader) -> None:
        self._evidence = Evidence(log, searches=True)
        self._conditions = [condition(self._evidence) for condition in _CONDITIONS]
        self._episodes = non_finite.Episodes(self._evidence)
        self._steps = 0

    def refresh(self) -> bool:
        """Whether it can go on: the log has only grown, and is long enough for every rule.

        Of a shorter run, rules of several steps on end judge the steps that it has.
        """
        longest = max(condition.at_least for condition in _CONDITIONS)
        return self._steps >= longest and self._evidence.refresh()

    def findings(self) -> list[Finding]:
        """What all rules find, the gravest first."""
        evidence = self._evidence
        if not evidence.steps:
            return []
        # Of thousands of layers, a rule of none of them would cost as much as one of all.
        concerned = [condition for condition in self._conditions if condition.applies.any()]
        for piece in evidence.pieces(self._steps):
            self._episodes.look(piece)
            for condition in concerned:
                condition.look(piece)
        self._steps = len(evidence.steps)
        found = self._episodes.findings()
        for condition in self._conditions:
            found += condition.findings()
        for _, search in _SEARCHES:
            found += search(evidence)
        return in_order(_together(_without_echoes(found)))


def _together(found: list[Finding]) -> list[Finding]:
    """What holds for many parameters over the same steps is told once, of all.

    A part of a model that is frozen to be tuned later, or that no optimizer has, is one fact.
    """
    alike: dict[tuple[str, int, int], list[Finding]] = {}
    for each in found:
        alike.setdefault((each.rule, each.first_step, each.last_step), []).append(each)
    kept = []
    for (rule, *_), group in alike.items():
        if rule not in _OF_PARTS or len(group) < _MANY:
            kept += group
            continue
        first, *others = group
        named = [each.key for each in others[:_MAX_NAMED]]
        more = [f"{len(others) - _MAX_NAMED} more"] if len(others) > _MAX_NAMED else []
        message = f"{first.message}. The same holds of {', '.join([*named, *more])}"
        kept.append(replace(first, message=message))
    return kept


def _without_echoes(found: list[Finding]) -> list[Finding]:
    """What says again what another finding says better is left out.

    A layer that was never reached has no gradient either; and a container has what the layers in
    it have.
    """
    silent = {_layer(each) for each in found if each.rule == "never_reached"}
    told = {(each.rule, each.first_step, part) for each in found for part in _containers(each)}
    return [
        each
        for each in found
        if not (each.rule == "no_gradient" and _layer(each) in silent)
        and (each.rule, each.first_step, _layer(each)) not in told
    ]


def _layer(finding: Finding) -> str:
    return finding.key.partition("/")[0]


def _containers(finding: Finding) -> list[str]:
    """The paths of the modules around the one that a finding is about."""
    parts = _layer(finding).split(".")
    inner = [".".join(parts[:count]) for count in range(1, len(parts))]
    return [*inner, ""] if _layer(finding) else []
