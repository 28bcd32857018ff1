"""CVSS version 2: the base score (https://www.first.org/cvss/v2/guide, section 3.2.1)."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Final

METRICS: Final = {
    "AV": "L A N", "AC": "H M L", "Au": "M S N", "C": "N P C", "I": "N P C", "A": "N P C",
    "E": "U POC F H ND", "RL": "OF TF W U ND", "RC": "UC UR C ND",
    "CDP": "N L LM MH H ND", "TD": "N L M H ND", "CR": "L M H ND", "IR": "L M H ND", "AR": "L M H ND",
}  # fmt: skip
MANDATORY: Final = ("AV", "AC", "Au", "C", "I", "A")

# Thousandths, so that halves are told exactly.
_WEIGHTS: Final = {
    "AV": {"L": 395, "A": 646, "N": 1000},
    "AC": {"H": 350, "M": 610, "L": 710},
    "Au": {"M": 450, "S": 560, "N": 704},
}
_IMPACT: Final = {"N": 0, "P": 275, "C": 660}


def score(metrics: Mapping[str, str]) -> int:
    """Return the base score in tenths."""
    missed = Fraction(1)
    for name in "CIA":
        missed *= Fraction(1000 - _IMPACT[metrics[name]], 1000)
    impact = Fraction(1041, 100) * (1 - missed)
    exploitability = Fraction(20)
    for name, weights in _WEIGHTS.items():
        exploitability *= Fraction(weights[metrics[name]], 1000)
    factor = Fraction(1176, 1000) if impact else Fraction(0)
    total = (Fraction(6, 10) * impact + Fraction(4, 10) * exploitability - Fraction(3, 2)) * factor
    return floor(total * 10 + Fraction(1, 2))
