"""Does a text look as if people or programs had written words, or as if it were drawn by lot?

A random value of letters has a third of its pairs of letters among the 220 that are most frequent in names and English; words
have nine tenths there. The pairs were counted over the 150,000 different words of Go's and Python's standard libraries.
"""

import re

WORDS_FROM = 0.76
"""Share of frequent pairs from which a text is words: of random values of 24 letters and digits fewer than 1 in 100 reach it."""

_LEAST_PAIRS = 5
_PAIRS = (
    "aaabacadafagaialamanaparasatavaxbabebiblbobucacccechcickclcmcocrcsctdadcdddedidldodrdsdueaebecedeeefegeielemen"
    "epeqeresetevewexfafefffiflfofrfsfugegigngogrgshahehihoiaicidieifigiliminioipirisitivizkelaldlelilllolsltlumame"
    "mimmmompmsmunancndnenfngninnnonsntnuoaobocodofolomonoooporosotouovowpapepiplpoppprpsptpuqurarcrdrergrirlrmrorr"
    "rsrtrurysascseshsiskslsospssstsusytatctdtetfthtitltmtotptrtstttutyubueuiulumunupurusutvavevivmvswawiwrxpxtypze"
)
_FREQUENT = frozenset(_PAIRS[at : at + 2] for at in range(0, len(_PAIRS), 2))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[a-z]{2,}")


def is_words(text: str, share: float = WORDS_FROM) -> bool:
    """Tell whether the letters of `text` are words of some language or of code: `share` of their pairs are frequent ones."""
    pairs = [word[at : at + 2] for word in _WORD.findall(_CAMEL.sub(" ", text).lower()) for at in range(len(word) - 1)]
    return len(pairs) >= _LEAST_PAIRS and sum(pair in _FREQUENT for pair in pairs) >= share * len(pairs)
