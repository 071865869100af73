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
