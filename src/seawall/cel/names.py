"""Every name that generated code may use: where it is defined, and which CEL function it serves.

Modules are imported when the first program that needs them is made, so a scan pays only for the libraries that its rules use.
"""

from importlib import import_module
from typing import Any, Final

_HERE: Final = "seawall.cel."

# module: the names that generated code itself uses.
_MACHINERY: Final = {
    "operators": (
        "equals less less_equal greater greater_equal truth select has_field elements pairs set_entry insert unwrap_entry"
        " contains over_limit ITERATION_LIMIT MISSING"
    ),
    "arithmetic": "to_int add",
    "values": "NONE Optional CelType Uint",
    "outcomes": "FAULTS EMPTY NO_ITEMS CONTAINERS merge_faults insert_all set_optional_entry spread to_optional has_value invoke",
    "functions.regex": "pattern",
}

# module: CEL functions as name/number of operands (the target of a method counts), and the Python function if it differs.
_LIBRARY: Final = {
    "operators": (
        "!_/1=negate_truth _==_/2=equals _!=_/2=not_equals _<_/2=less _<=_/2=less_equal _>_/2=greater _>=_/2=greater_equal"
        " @in/2=contains _[_]/2=index _[?_]/2=optional_index _?._/2=optional_select"
    ),
    "arithmetic": "_+_/2=add _-_/2=subtract _*_/2=multiply _/_/2=divide _%_/2=modulo -_/1=negate",
    "functions.core": (
        "size/1 startsWith/2=starts_with endsWith/2=ends_with contains/2=holds_text matches/2=matches type/1=type_of dyn/1"
        " int/1=to_int_value uint/1=to_uint_value double/1=to_double string/1=to_string bytes/1=to_bytes bool/1=to_bool"
    ),
    "functions.times": (
        "duration/1=to_duration_value timestamp/1=to_timestamp_value getFullYear/1 getFullYear/2 getMonth/1 getMonth/2"
        " getDayOfYear/1 getDayOfYear/2 getDayOfMonth/1 getDayOfMonth/2 getDate/1 getDate/2 getDayOfWeek/1 getDayOfWeek/2"
        " getHours/1 getHours/2 getMinutes/1 getMinutes/2 getSeconds/1 getSeconds/2 getMilliseconds/1 getMilliseconds/2"
    ),
    "functions.optionals": (
        "optional.of/1=optional_of optional.none/0=optional_none optional.ofNonZeroValue/1=of_non_zero value/1=value_of"
        " hasValue/1=has_content optional.unwrap/1=unwrap_all unwrapOpt/1=unwrap_all"
    ),
    "functions.strings": (
        "charAt/2=char_at indexOf/2=index_of indexOf/3=index_of join/1 join/2 lastIndexOf/2=last_index_of"
        " lastIndexOf/3=last_index_of lowerAscii/1=lower_ascii upperAscii/1=upper_ascii replace/3 replace/4 split/2 split/3"
        " substring/2 substring/3 trim/1 strings.quote/1=quote"
    ),
    "functions.formatting": "format/2=format_text",
    "functions.lists": (
        "isSorted/1=is_sorted sum/1=total min/1=lowest max/1=highest slice/3=cut flatten/1 flatten/2 sort/1=sort_list"
        " @sortByAssociatedKeys/2=sort_by_keys lists.range/1=number_range distinct/1 reverse/1=reverse_list first/1 last/1"
        " sets.contains/2=set_contains sets.equivalent/2=set_equivalent sets.intersects/2=set_intersects"
    ),
    "functions.regex": "find/2=find_first findAll/2=find_all findAll/3=find_all",
    "functions.urls": (
        "url/1=to_url isURL/1=is_url getScheme/1=get_scheme getHost/1=get_host getHostname/1=get_hostname getPort/1=get_port"
        " getEscapedPath/1=get_escaped_path getQuery/1=get_query"
    ),
    "functions.addresses": (
        "ip/1=to_ip isIP/1=is_ip ip.isCanonical/1=is_canonical family/1 isUnspecified/1=is_unspecified isLoopback/1=is_loopback"
        " isLinkLocalMulticast/1=is_link_local_multicast isLinkLocalUnicast/1=is_link_local_unicast"
        " isGlobalUnicast/1=is_global_unicast cidr/1=to_cidr isCIDR/1=is_cidr containsIP/2=contains_ip"
        " containsCIDR/2=contains_cidr prefixLength/1=prefix_length masked/1"
    ),
    "functions.quantities": (
        "quantity/1=to_quantity isQuantity/1=is_quantity sign/1 asApproximateFloat/1=as_float asInteger/1=as_integer"
        " isInteger/1=is_integer add/2=add_quantity sub/2=sub_quantity"
    ),
    "functions.semvers": (
        "semver/1=to_semver semver/2=to_semver isSemver/1=is_semver isSemver/2=is_semver major/1 minor/1 patch/1"
    ),
    "functions.orders": "isGreaterThan/2=is_greater_than isLessThan/2=is_less_than compareTo/2=compare_to",
    "functions.formats": "format.named/1=named_format validate/2",
    "functions.authorization": (
        "path/2 group/2 serviceAccount/3=service_account resource/2 subresource/2 namespace/2 name/2 check/2 errored/1 error/1"
        " allowed/1 reason/1 fieldSelector/2=field_selector labelSelector/2=label_selector"
    ),
}

FORMATS: Final = (
    "dns1123Label",
    "dns1123Subdomain",
    "dns1035Label",
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "labelValue",
    "uri",
    "uuid",
    "byte",
    "date",
    "datetime",
)

NAMES: Final[dict[str, str]] = {name: module for module, names in _MACHINERY.items() for name in names.split()}
_FUNCTIONS: Final[dict[tuple[str, int], str]] = {}
_ATTRIBUTES: Final[dict[str, str]] = {}
for _module, _entries in _LIBRARY.items():
    for _entry in _entries.split():
        _left, _, _right = _entry.partition("=") if not _entry.startswith("_") and "=_" not in _entry else ("", "", "")
        if not _left:  # an operator, whose own name may hold "=" and "/"
            _left, _, _right = _entry.rpartition("=")
        _function, _, _count = _left.rpartition("/")
        _python = _right or _function
        _name = f"{_python}" if NAMES.get(_python, _module) == _module else f"{_python}_"
        NAMES.setdefault(_name, _module)
        _ATTRIBUTES[_name] = _python
        _FUNCTIONS[_function, int(_count)] = _name
for _format in FORMATS:
    _FUNCTIONS[f"format.{_format}", 0] = f"format_{_format}"
    NAMES[f"format_{_format}"] = "functions.formats"


def resolve_function(function: str, count: int, member: bool) -> str | None:
    """The name under which generated code calls the CEL function with `count` operands; None where there is none."""
    del member  # the checker has already told methods and functions apart
    return _FUNCTIONS.get((function, count))


def load(name: str) -> Any:
    """The object behind a name of `NAMES`."""
    return getattr(import_module(_HERE + NAMES[name]), _ATTRIBUTES.get(name, name))
