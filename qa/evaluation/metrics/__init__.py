"""Metrics, each with its definition, formula and source.

The functions take plain values and return a fraction from 0 to 1.
"""

from qa.evaluation.metrics.calibration import (
    Bin,
    RiskCoverage,
    area_under_risk_coverage,
    expected_calibration_error,
    reliability_bins,
    risk_coverage,
)
from qa.evaluation.metrics.ranking import recall_at, reciprocal_rank
from qa.evaluation.metrics.refusal import refusal_precision, refusal_recall
from qa.evaluation.metrics.significance import bootstrap_interval, paired_randomisation
from qa.evaluation.metrics.spans import (
    contains,
    contains_all,
    exact_match,
    normalise,
    set_exact_match,
    set_f1,
    token_f1,
)

__all__ = [
    "Bin",
    "RiskCoverage",
    "area_under_risk_coverage",
    "bootstrap_interval",
    "contains",
    "contains_all",
    "exact_match",
    "expected_calibration_error",
    "normalise",
    "paired_randomisation",
    "recall_at",
    "reciprocal_rank",
    "refusal_precision",
    "refusal_recall",
    "reliability_bins",
    "risk_coverage",
    "set_exact_match",
    "set_f1",
    "token_f1",
]
