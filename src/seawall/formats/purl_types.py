"""What each purl type asks of its components: which are wanted, which are refused, and which have one spelling.

Restated from the type definitions of the purl specification; a type without an entry is taken as it is written.
"""

from collections.abc import Callable, Mapping

_LOWER_NAMESPACE = frozenset(
    ("alpm", "apk", "bitbucket", "brew", "composer", "deb", "git", "github", "gitlab", "hex", "luarocks", "qpkg")
)
_LOWER_NAME = frozenset((
    "alpm", "apk", "bitbucket", "bitnami", "brew", "composer", "deb", "git", "github", "gitlab", "hex", "luarocks",
    "npm", "oci", "pub", "pypi",
))  # fmt: skip
_LOWER_VERSION = frozenset(("huggingface", "oci"))
_NO_NAMESPACE = frozenset((
    "bazel", "bitnami", "chrome-extension", "cocoapods", "conda", "cran", "gem", "hackage", "julia", "mlflow",
    "nuget", "oci", "opam", "otp", "pub", "pypi", "vcpkg",
))  # fmt: skip
# More types need one by definition, but files of the field leave it out of deb, rpm and others: what is written is read.
_NEEDS_NAMESPACE = frozenset(("git", "swift", "vscode-extension"))
LOWER_CASE_KEYS = frozenset(("gem", "rpm"))
"""Where a qualifier's key in upper case is refused. The specification's tests want so of these two, and the opposite of Maven."""

Checked = tuple[str, str, str, str]
"""Namespace, name, version, and what is wrong (empty: nothing)."""


def refuse_or_normalise(type_: str, namespace: str, name: str, version: str, qualifiers: Mapping[str, str]) -> Checked:
    """Return the components as the type spells them, and a sentence where the type refuses them."""
    if not name:
        return namespace, name, version, "a purl has a name"
    if namespace and type_ in _NO_NAMESPACE:
        return namespace, name, version, f"the type {type_} has no namespace"
    if not namespace and type_ in _NEEDS_NAMESPACE:
        return namespace, name, version, f"the type {type_} needs a namespace"
    if type_ in _LOWER_NAMESPACE:
        namespace = namespace.lower()
    if type_ in _LOWER_NAME:
        name = name.lower()
    if type_ in _LOWER_VERSION:
        version = version.lower()
    special = _SPECIAL.get(type_)
    return special(namespace, name, version, qualifiers) if special else (namespace, name, version, "")


def _pypi(namespace: str, name: str, version: str, _: Mapping[str, str]) -> Checked:
    """Names are compared with runs of ``-_.`` as one dash, but the specification spells only the underscore as a dash."""
    return namespace, name.replace("_", "-"), version, ""


def _pub(namespace: str, name: str, version: str, _: Mapping[str, str]) -> Checked:
    return namespace, "".join(char if char.isascii() and char.isalnum() else "_" for char in name), version, ""


def _cpan(namespace: str, name: str, version: str, _: Mapping[str, str]) -> Checked:
    problem = "a CPAN distribution's name has no '::'; that is a module's" if "::" in name else ""
    return namespace.upper(), name, version, problem


def _mlflow(namespace: str, name: str, version: str, qualifiers: Mapping[str, str]) -> Checked:
    """Databricks does not tell upper from lower case, Azure ML does."""
    if "databricks" in qualifiers.get("repository_url", "").lower():
        name = name.lower()
    return namespace, name, version, ""


def _julia(namespace: str, name: str, version: str, qualifiers: Mapping[str, str]) -> Checked:
    return namespace, name, version, "" if "uuid" in qualifiers else "a Julia package needs the qualifier uuid"


def _chrome_extension(namespace: str, name: str, version: str, _: Mapping[str, str]) -> Checked:
    problem = ""
    if len(name) != 32 or not set(name) <= set("abcdefghijklmnop"):
        problem = "the name of a Chrome extension is 32 letters from a to p"
    elif version:
        numbers = version.split(".")
        if len(numbers) > 4 or not all(number.isascii() and number.isdigit() for number in numbers):
            problem = "the version of a Chrome extension is one to four numbers"
    return namespace, name, version, problem


_SPECIAL: Mapping[str, Callable[[str, str, str, Mapping[str, str]], Checked]] = {
    "chrome-extension": _chrome_extension,
    "cpan": _cpan,
    "julia": _julia,
    "mlflow": _mlflow,
    "pub": _pub,
    "pypi": _pypi,
}
