"""What the routes about faults answer, as functions of a log."""

from __future__ import annotations

from typing import Final

from tb_layerview.contract import messages
from tb_layerview.diagnosis.log import Log
from tb_layerview.diagnosis.rules import RULES
from tb_layerview.diagnosis.verdicts import StepVerdicts, check_bounds, spread_steps, verdicts_at
from tb_layerview.errors import TooLargeError

MOST_STEPS: Final = 200
"""Steps whose verdicts are answered, if nothing else is asked for: more than a strip can show."""

MAX_LABELS: Final = 1_048_576
"""Labels that hold, of all samples and steps of an answer: of several at once there may be many."""


def findings(log: Log) -> messages.Findings:
    """What the rules find, each with what it states."""
    return {
        "findings": [
            {
                "severity": found.severity,
                "rule": found.rule,
                "key": found.key,
                "first_step": found.first_step,
                "last_step": found.last_step,
                "message": found.message,
                "states": RULES[found.rule],
            }
            for found in log.findings()
        ]
    }


def origin(log: Log, step: int) -> messages.Origin:
    """Where numbers stopped being finite at ``step``.

    Raises:
        NotFoundError: nothing was recorded at this step.
    """
    found = log.origin(step)
    if found is None:
        return {"origin": None}
    return {
        "origin": {
            "step": found.step,
            "key": found.key,
            "layer": found.layer,
            "cause": found.cause,
            "made": found.made,
            "nan": found.counts["NaN"],
            "pos_inf": found.counts["+Inf"],
            "neg_inf": found.counts["-Inf"],
            "indices": [list(index) for index in found.indices],
            "sample": found.sample,
            "leads": [
                {"key": lead.key, "index": list(lead.index), "value": f"{lead.value:.6g}"}
                for lead in found.leads
            ],
            "spread": found.spread,
            "message": found.message,
        }
    }


def apart(log: Log, step: int, a: int, b: int) -> messages.Apart:
    """How far two samples part in each layer.

    Raises:
        NotFoundError: nothing was recorded at this step, or a sample was not kept.
    """
    return {
        "partings": [
            {
                "key": parting.key,
                "distance": parting.distance,
                "usual": parting.usual,
                "skipped": parting.skipped,
                "turn": parting.turn,
            }
            for parting in log.apart(step, a, b)
        ]
    }


def contributions(
    log: Log, weights: Log, step: int, sample: int, right: int | None
) -> messages.Contributions:
    """What carried the chosen class, and what the right one.

    Raises:
        NotFoundError: something that it needs was not recorded; the message says what.
        ArgumentError: there is no such class.
    """
    found = log.contributions(step, sample, right=right, weights=weights)
    return {
        "layer": found.layer,
        "source": found.source,
        "chosen": found.chosen,
        "right": found.right,
        "chosen_logit": found.chosen_logit,
        "right_logit": found.right_logit,
        "chosen_bias": found.chosen_bias,
        "right_bias": found.right_bias,
        "features": [
            {
                "index": feature.index,
                "value": feature.value,
                "chosen_weight": feature.chosen_weight,
                "right_weight": feature.right_weight,
                "to_chosen": feature.to_chosen,
                "to_right": feature.to_right,
            }
            for feature in found.features
        ],
        "classes": found.classes,
        "map_key": found.map_key,
        "map_shape": list(found.map_shape),
    }


def verdicts(log: Log, steps: list[int], most: int | None) -> messages.Verdicts:
    """What was answered at ``steps``; without any, at ``most`` steps spread over the run.

    Raises:
        NotFoundError: nothing was recorded at one of them.
        TooLargeError: they are too many, or their targets and predictions too large; nothing was
            read. Or there are more than `MAX_LABELS` labels.
    """
    if steps:
        check_bounds(log, steps)
        log.check_recorded(steps)
    wanted = steps or spread_steps(log, most or MOST_STEPS)
    told: list[messages.StepVerdicts] = []
    labels = 0
    for found in verdicts_at(log, wanted):
        told.append(_step_verdicts(found))
        labels += sum(len(each or ()) for each in (*told[-1]["target"], *told[-1]["answer"]))
        if labels > MAX_LABELS:
            raise TooLargeError("labels of all samples and steps", MAX_LABELS, labels)
    return {"steps": told, "available": len(log.whole_steps)}


def _step_verdicts(found: StepVerdicts) -> messages.StepVerdicts:
    verdicts = found.verdicts
    return {
        "step": found.step,
        "task": found.task,
        "target": [each.target if each.target is None else list(each.target) for each in verdicts],
        "answer": [each.answer if each.answer is None else list(each.answer) for each in verdicts],
        "confidence": [_rounded(each.confidence) for each in verdicts],
        "of_target": [_rounded(each.of_target) for each in verdicts],
        "right": [each.right for each in verdicts],
        "error": [each.error for each in verdicts],
    }


def _rounded(share: float | None) -> float | None:
    """A share with as many digits as anybody reads: there may be thousands."""
    return None if share is None else round(share, 4)
