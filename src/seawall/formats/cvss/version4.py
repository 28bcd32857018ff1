"""CVSS version 4.0: the score (https://www.first.org/cvss/v4-0/specification-document, section 8).

Metrics fall into six sets of equivalent values (EQ1 to EQ6), whose levels make a macro vector. Experts gave each of the 270
macro vectors a score; a vector's own score lies between that of its macro vector and those of the next lower ones, by how far
it is from the most severe vector of its macro vector.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Final

_IMPACTS: Final = "H L N"
METRICS: Final = {
    "AV": "N A L P", "AC": "L H", "AT": "N P", "PR": "N L H", "UI": "N P A",
    "VC": _IMPACTS, "VI": _IMPACTS, "VA": _IMPACTS, "SC": _IMPACTS, "SI": _IMPACTS, "SA": _IMPACTS,
    "E": "X A P U", "CR": "X H M L", "IR": "X H M L", "AR": "X H M L",
    "MAV": "X N A L P", "MAC": "X L H", "MAT": "X N P", "MPR": "X N L H", "MUI": "X N P A",
    "MVC": "X H L N", "MVI": "X H L N", "MVA": "X H L N", "MSC": "X H L N", "MSI": "X S H L N", "MSA": "X S H L N",
    "S": "X N P", "AU": "X N Y", "R": "X A U I", "V": "X D C", "RE": "X L M H", "U": "X Clear Green Amber Red",
}  # fmt: skip
MANDATORY: Final = ("AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA")

_LEVELS: Final = {
    "AV": "NALP", "PR": "NLH", "UI": "NPA", "AC": "LH", "AT": "NP", "VC": "HLN", "VI": "HLN", "VA": "HLN",
    "SC": "SHLN", "SI": "SHLN", "SA": "SHLN", "CR": "HML", "IR": "HML", "AR": "HML", "E": "APU",
}  # fmt: skip
"""Values of each metric from the most to the least severe, one step apart (section 8.3, table of severity distances)."""

_DEFAULTS: Final = {"E": "A", "CR": "H", "IR": "H", "AR": "H"}
"""What "not defined" counts as: the worst case."""

# Of each set: its metrics, and for each level the most severe vectors (values in that order) and the number of steps in it.
_EQ1: Final = ("AV PR UI", {0: ("NNN", 1), 1: ("ANN NLN NNP", 4), 2: ("PNN ALP", 5)})
_EQ2: Final = ("AC AT", {0: ("LN", 1), 1: ("HN LP", 2)})
_EQ3_6: Final = (
    "VC VI VA CR IR AR",
    {
        0: ("HHHHHH", 7),
        1: ("HHLMMH HHHMMM", 6),
        10: ("LHHHHH HLHHHH", 8),
        11: ("LHLHMH LHHHMM HLHMHM HLLMHH LLHHHM", 8),
        21: ("LLLHHH", 10),
    },
)
"""EQ3 and EQ6 depend on each other and are one set: level 10 EQ3 + EQ6."""
_EQ4: Final = ("SC SI SA", {0: ("HSS", 6), 1: ("HHH", 5), 2: ("LLL", 4)})

_SCORES: Final = {
    key: tuple(map(int, scores.split()))
    for key, scores in (
        line.split(maxsplit=1)
        for line in """
0000 100  98  95 100  93  91  93  89  81
0001  99  95  92  96  87  81  90  80  68
0010  98  95  90  93  89  81  88  78  69
0011  95  92  84  92  81  65  80  70  48
0021  92  82  72  79  69  50  69  55  27
0100  99  95  92  95  90  84  92  82  72
0101  97  92  85  91  83  71  81  71  53
0110  95  92  85  92  80  70  84  71  50
0111  93  85  73  82  72  59  70  52  30
0121  86  75  52  71  52  29  63  29  17
1000  98  94  91  94  86  77  87  74  63
1001  95  87  81  89  74  64  75  63  49
1010  94  88  76  86  74  59  72  57  52
1011  89  77  67  76  58  50  57  52  25
1021  83  70  54  65  58  26  53  21  13
1100  95  88  76  90  75  61  77  68  52
1101  90  76  70  77  62  53  66  59  30
1110  89  76  62  74  57  47  61  57  24
1111  78  67  58  59  57  23  52  29  16
1121  71  59  30  58  26  15  23  13   6
2000  93  86  75  86  74  56  70  52  40
2001  87  72  58  74  61  34  54  40  22
2010  85  74  62  72  55  46  53  34  19
2011  75  55  51  57  41  19  36  19   8
2021  64  51  20  47  21  11  24   9   4
2100  88  73  60  73  59  41  54  45  20
2101  75  53  50  55  40  20  43  22  11
2110  75  58  40  61  48  20  46  17   8
2111  55  45  21  51  18   9  18   7   2
2121  53  24  14  24  12   5  10   3   1
    """.strip().splitlines()
    )
}
"""Scores of the macro vectors in tenths: levels of EQ1, EQ2, EQ3 and EQ6, then a score for each level of EQ4 and in it of EQ5.

The numbers (copyright FIRST, Red Hat and contributors) are those of FIRST's calculator, which the specification makes
normative (cvss_lookup.js, BSD-2-Clause)."""


def score(metrics: Mapping[str, str]) -> int:
    """Return the score in tenths, over all metrics that are stated."""
    values = {name: _effective(name, metrics) for name in _LEVELS}
    if all(values[name] == "N" for name in ("VC", "VI", "VA", "SC", "SI", "SA")):
        return 0
    one, two, three, four, five, six = _levels(values)
    own = _SCORES[f"{one}{two}{three}{six}"][3 * four + five]
    lower_three_six = [_scored((one, two, three + 1, four, five, six)), _scored((one, two, three, four, five, six + 1))]
    sets = (
        (_EQ1, one, _scored((one + 1, two, three, four, five, six))),
        (_EQ2, two, _scored((one, two + 1, three, four, five, six))),
        # Where both neighbours are there, the one that is nearer counts.
        (_EQ3_6, 10 * three + six, max((found for found in lower_three_six if found is not None), default=None)),
        (_EQ4, four, _scored((one, two, three, four + 1, five, six))),
    )
    drops = [
        Fraction((own - below) * _distance(values, metrics_of, tops), steps)
        for (metrics_of, table), level, below in sets
        if below is not None
        for tops, steps in (table[level],)
    ]
    # EQ5 has one metric, so its vectors are all the most severe; it counts among the sets that could be lower.
    count = len(drops) + (_scored((one, two, three, four, five + 1, six)) is not None)
    exact = own - (sum(drops, Fraction(0)) / count if count else 0)
    return min(100, max(0, floor(exact + Fraction(1, 2))))


def _effective(name: str, metrics: Mapping[str, str]) -> str:
    """Return the value that counts: the modified metric, else the metric itself, else the worst case."""
    modified = metrics.get(f"M{name}", "X")
    value = modified if modified != "X" else metrics.get(name, "X")
    return _DEFAULTS[name] if value == "X" else value


def _levels(values: Mapping[str, str]) -> tuple[int, int, int, int, int, int]:
    reach = [values["AV"] == "N", values["PR"] == "N", values["UI"] == "N"]
    one = 0 if all(reach) else 1 if any(reach) and values["AV"] != "P" else 2
    two = 0 if (values["AC"], values["AT"]) == ("L", "N") else 1
    vulnerable = [values[name] == "H" for name in ("VC", "VI", "VA")]
    three = 0 if vulnerable[0] and vulnerable[1] else 1 if any(vulnerable) else 2
    safety = "S" in (values["SI"], values["SA"])
    four = 0 if safety else 1 if "H" in (values["SC"], values["SI"], values["SA"]) else 2
    five = "APU".index(values["E"])
    required = [values[name] == "H" for name in ("CR", "IR", "AR")]
    six = 0 if any(map(all, zip(required, vulnerable, strict=True))) else 1
    return one, two, three, four, five, six


def _scored(levels: tuple[int, int, int, int, int, int]) -> int | None:
    """Return the score of a macro vector, or None where there is none of these levels."""
    one, two, three, four, five, six = levels
    row = _SCORES.get(f"{one}{two}{three}{six}")
    return row[3 * four + five] if row is not None and four < 3 and five < 3 else None


def _distance(values: Mapping[str, str], metrics: str, tops: str) -> int:
    """Return the number of steps from the first of the most severe vectors that is not less severe in any metric."""
    names = metrics.split()
    for top in tops.split():
        steps = [
            _LEVELS[name].index(values[name]) - _LEVELS[name].index(at) for name, at in zip(names, top, strict=True)
        ]
        if min(steps) >= 0:
            return sum(steps)
    raise RuntimeError("the most severe vectors of each level are at least as severe as all others of it")
