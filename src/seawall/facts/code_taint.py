"""What of a source text comes from a request: expressions of the web frameworks, and names that are given such a value.

    tainted = find_tainted(source)
    tainted("'/data/' + name")          # True where the text has `name = request.args["name"]`

It follows names within one file, through assignments whose right side holds such an expression or name, and neither calls nor
branches. A value that passed a function whose name says that it checks or converts (`int`, `secure_filename`, `escape`) is clean.
"""

import re
from collections.abc import Callable
from typing import Final

from seawall.formats.source_code import SourceCode

_SOURCES: Final = {
    "python": r"\brequest\.(?:args|form|values|json|data|cookies|headers|files|query_params|path_params|get_json|GET|POST)\b"
    r"|\b(?:self\.)?get_(?:query_|body_)?argument\(",
    "javascript": r"\b(?:req|request|ctx|context)\.(?:query|body|params|headers|cookies|param)\b|\brequest\.nextUrl\.searchParams"
    r"|\b(?:location|document)\.(?:hash|search|referrer)\b",
    "go": r"\b\w+\.(?:FormValue|PostFormValue|PathValue)\(|\.URL\.Query\(\)"
    r"|\bc\.(?:Query|Param|PostForm|FormValue|QueryParam|DefaultQuery)\(|\b(?:mux\.Vars|chi\.URLParam)\(",
    "java": r"\b\w+\.(?:getParameter|getParameterValues|getHeader|getQueryString|getPathInfo)\(",
}
_CLEAN: Final = re.compile(
    r"\b(?:int|float|bool|secure_filename|escape|quote|basename|parseInt|Number|Boolean|Atoi|ParseInt|ParseBool|ParseUint|valueOf"
    r"|sanitize\w*|validate\w*|is_safe\w*|url_has_allowed\w*|encodeURIComponent|UUID|uuid|getName|Base|len|Clean)\("
)
_ASSIGNED: Final = re.compile(
    r"(?:^|[;{])[ \t]*(?:(?:const|let|var|final|String|Path|File|URL)[ \t]+)?"
    r"(?:\{[ \t]*([\w, \t]{1,200})\}|(\w+)(?:[ \t]*,[ \t]*\w+)?)[ \t]*(?::[ \t]*[\w\[\]. ]{1,40})?:?=(?!=)[ \t]*([^\n]{1,400})",
    re.MULTILINE,
)
_HOPS: Final = 3


def find_tainted(source: SourceCode) -> Callable[[str], bool]:
    """Return the test whether an expression of `source` holds what came with a request."""
    family = "javascript" if source.language in ("typescript", "tsx") else source.language
    direct = re.compile(_SOURCES[family])
    if not direct.search(source.text):
        return lambda _text: False
    assignments = [(match[1] or match[2], match[3]) for match in _ASSIGNED.finditer(source.text)]
    names: set[str] = set()
    for _ in range(_HOPS):
        test = _test(direct, names)
        found = {name.strip() for left, right in assignments if test(right) for name in left.split(",")} - {""}
        if found <= names:
            break
        names |= found
    return _test(direct, names)


def _test(direct: re.Pattern[str], names: set[str]) -> Callable[[str], bool]:
    some = (
        re.compile(rf"(?<![\w.\"'])(?:{'|'.join(map(re.escape, sorted(names)))})\b(?!\s*[:=]|[\"'])") if names else None
    )

    def test(text: str) -> bool:
        return bool((direct.search(text) or (some and some.search(text))) and not _CLEAN.search(text))

    return test
