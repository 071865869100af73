"""What the routes about faults answer, as functions of a log."""

from __future__ import annotations

from tb_layerview.contract import messages
from tb_layerview.diagnosis.log import Log
from tb_layerview.diagnosis.rules import RULES


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
                "to_chosen": feature.to_chosen,
                "to_right": feature.to_right,
            }
            for feature in found.features
        ],
    }
