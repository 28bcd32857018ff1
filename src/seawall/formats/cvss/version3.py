"""CVSS version 3.0 and 3.1: the base score (https://www.first.org/cvss/v3.1/specification-document, sections 7.1 and 7.4).

The two versions differ in environmental scores and in how they round; with exact numbers their base scores are the same.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Final

METRICS: Final = {
    "AV": "N A L P", "AC": "L H", "PR": "N L H", "UI": "N R", "S": "U C", "C": "H L N", "I": "H L N", "A": "H L N",
    "E": "X H F P U", "RL": "X U W T O", "RC": "X C R U", "CR": "X H M L", "IR": "X H M L", "AR": "X H M L",
    "MAV": "X N A L P", "MAC": "X L H", "MPR": "X N L H", "MUI": "X N R", "MS": "X U C",
    "MC": "X H L N", "MI": "X H L N", "MA": "X H L N",
}  # fmt: skip
MANDATORY: Final = ("AV", "AC", "PR", "UI", "S", "C", "I", "A")

# Hundredths. Privileges weigh more where the scope changes.
_WEIGHTS: Final = {
    "AV": {"N": 85, "A": 62, "L": 55, "P": 20},
    "AC": {"L": 77, "H": 44},
    "UI": {"N": 85, "R": 62},
}
_PRIVILEGES: Final = {"U": {"N": 85, "L": 62, "H": 27}, "C": {"N": 85, "L": 68, "H": 50}}
_IMPACT: Final = {"H": 56, "L": 22, "N": 0}


def score(metrics: Mapping[str, str]) -> int:
    """Return the base score in tenths."""
    changed = metrics["S"] == "C"
    missed = Fraction(1)
    for name in "CIA":
        missed *= Fraction(100 - _IMPACT[metrics[name]], 100)
    base = 1 - missed
    if changed:
        impact = Fraction(752, 100) * (base - Fraction(29, 1000)) - Fraction(325, 100) * (base - Fraction(2, 100)) ** 15
    else:
        impact = Fraction(642, 100) * base
    if impact <= 0:
        return 0
    exploitability = Fraction(822, 100) * Fraction(_PRIVILEGES[metrics["S"]][metrics["PR"]], 100)
    for name, weights in _WEIGHTS.items():
        exploitability *= Fraction(weights[metrics[name]], 100)
    total = impact + exploitability
    if changed:
        total *= Fraction(108, 100)
    # Roundup: to the next tenth, where five digits are what counts.
    return min(100, ceil(Fraction(round(total * 100_000), 10_000)))
