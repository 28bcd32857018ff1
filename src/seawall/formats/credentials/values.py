"""Is a value of the right shape a credential, or a placeholder, a name, a hash, a piece of code?

What decides is the value and the name that it is assigned to. The rules are those that took away the false findings of the
labelled set in ``bench/`` and of real source trees; each says what it is for.
"""

import math
import re
from collections import Counter

from seawall.formats.credentials.proofs import PROOFS, decode_base64
from seawall.formats.credentials.words import WORDS_FROM, is_words
from seawall.model.credential import Detector
from seawall.model.taxonomy import Confidence

_PLACEHOLDER = re.compile(
    rb"""(?ix)
      example | sample | placehold | change[_-]?(?:me|it|this|now) | redacted | dummy | your[_ -] | [_-]your
    | xxxx | \*{3} | \.{3} | \$\{ | \$\( | \{\{ | %\( | %[sdv@] | ^[<\[{(] | [>\]})]$ | ^%\w+%$ | ^\$ | ^@
    | insert[_-] | replace | goes[_-]?here | foobar | not[_-]?a?[_-]?(?:real|secret) | fake[_-] | [_-]fake
    | notreal | 123456789 | 987654321 | 01234567 | abcdefgh | 12345678-1234
    | ^(?:none|null|nil|undefined|true|false)$ | supersecret | mysecret | my[_-]?(?:api|secret|token|key|pass)
    | todo | lorem | secretref | secretkeyref | ^arn: | ^op:// | ^vault: | ^ref\+ | ^projects/ | ^ENC\[
    | ^AgA[A-Za-z0-9+/]{200}
    """
)
"""What people write where a credential will stand, and references to where it stands."""

_STRONG_PLACEHOLDER = re.compile(
    rb"(?i)example|placehold|xxxx|\*{3}|\.{4}|your[_-]|redacted|change[_-]?me|0123456789|1234567890|abcdefghij|dummy[_-]|goes[_-]here"
)
"""The same for shapes that are certain, in which a random value may hold short words by chance."""

_RUN = re.compile(rb"(.)\1{5}")
_GROUP = re.compile(rb"(.{2,4})\1{3}")

_COMMON = re.compile(
    rb"""(?ix)
      (?: p(?:a|@)ss(?:w(?:o|0)rd|wd|phrase)?[\d!]* | passw(?:or)?t | secrets?\d* | admin\w{0,5} | root\d*
    | test\w* | guest | user\w* | demo\w* | default\w* | changeit | letmein | qwerty\w* | foo\w{0,3}
    | bar\w{0,3} | baz | abc\d* | abcd\d* | hello\w* | token\w* | x+ | hunter2 | username | open.sesame | login | string
    | value | key\d* | api[_-]?key | apikey | auth | some[_-]?\w+ | any\w* | pw\d* | pwd\d* | \d{1,8}
    | postgres\w* | mysql\w* | redis\w* | mongo\w* | rabbitmq\w* | elastic\w* | minio\w* | mypass\w*
    | my[_-]?password\w* | password\w* | development | localhost )
    """
)
"""Passwords of examples and of containers that run on one's own machine."""

_NOT_A_NAME = re.compile(
    rb"""(?ix)
      (?: url | uri | endpoint | (?<![a-z])file(?:name)? | path | dir(?:ectory)? | hash(?:ed|er)? | sha\d* | md5
    | digest | checksum | integrity | commit | revision | version | etag | fingerprint | thumbprint | public
    | regex(?:p)? | pattern | format | length | size | limit | ttl | expir\w* | timeout | type | class | field
    | header | prefix | suffix | label | title | message | msg | error | err | hint | placeholder
    | desc(?:ription)? | help | text | policy | provider | selector | ref | column | template | count | index
    | offset | env(?:_?var)? | arn | region | namespace | scope | grant | callback | handler | func | method
    | algo(?:rithm)? | comment | store | storage | keying | vault\w{0,20} | rotation | mount\w* | lookup
    | schema | enabled | required | usage | issuer | audience | nonce | state | sort | partition
    | cache )s? [\s"'`\]:=>)]* $
    """
)
"""Ends of names of things beside a credential: where it is, how long, how it is spelt."""

_IDENTIFIER = re.compile(rb"""(?:(?<![A-Za-z])[Ii][Dd]|[a-z]I[dD])s?["'`\s\]:=>)]*\Z""")

_NEAR_NAMES = re.compile(
    rb"(?i)public|(?<![a-z])pub[_-]?key|monkey|keyboard|keyword|tokeniz|tokenis|turkey|hockey|jockey|keyframe"
    rb"|foreign_?key|primary_?key|secretar|author(?!i[sz])|csrf|xsrf|nextpage|next_?token|page_?token"
    rb"|continuation|pagination|sync_?token|token[_ ]?type|partition_?key|sort_?key|row_?key|cache_?key|compass"
    rb"|bypass|passive|passenger|passport|passing|passed|pass(?:thro?ugh|thru)|passes\b|cancel|idempotency"
)
"""Names that hold a word of credentials and are none."""

_CREDENTIAL_WORD = re.compile(
    rb"(?i)key|token|secret|pass|pwd|auth|cred|client|access|private|(?<![a-z])pat(?![a-z])|sid(?![a-z])|api|[_.-]id(?![a-z])|license|licence|"
    rb"login|bearer|cookie|hook|dsn|(?<![a-z])bot(?![a-z])|app|account|sdk|contribsys|unseal|password"
)

_UUID = re.compile(rb"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX = re.compile(rb"(?:0x)?(?:[0-9a-f]+|[0-9A-F]+)")
_CODE = re.compile(
    rb"""(?x)
      [A-Za-z_$][\w$]*(?:(?:\.|::|->|\?\.|/)[A-Za-z_$][\w$]*)+[.,:;]? | [A-Z][A-Z0-9_]*[.:,]? | [a-z_]+[.:,]?
    | .*(?:=>|->|::|&&|\|\||==|\+\+).* | [\w.-]*[/\\][\w./\\-]*\.[a-z]{1,5} | [\w.]+\(.* | \d[\d.,:/TZ+-]*
    | (?:https?|file|ftp|ssh|git|s3|gs|jdbc|docker|tcp|unix|ldaps?)://.* | (?:\.{0,2}/|~/|[A-Za-z]:\\).*
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+ | v?\d+\.\d+.* | sha(?:1|256|384|512)[-:].* | ssh-\w+
    | [\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|local|internal|svc|crt|pem|key|json|ya?ml|txt
      |go|py|js|ts|html?|xml|md|cfg|ini|conf|env|png|svg|exe|sh|rb|java|cs)[:,]?\d*
    """
)


_LETTERS_ALONE = 0.6
"""Share of frequent pairs from which letters without a digit are taken for words: few keys have no digit, and many names."""


def entropy(value: bytes) -> float:
    """Return Shannon's entropy of `value` in bits a byte."""
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values()) if total else 0.0


def is_credential(detector: Detector, value: bytes, name: bytes, *, quoted: bool, is_code: bool) -> bool:
    """Tell whether `value`, of the shape of `detector`, is a credential.

    `name` is the text from the word that the detector knows up to the value, with the rest of the name before it; empty for
    shapes that need none. `quoted`: it stands in quotes. `is_code`: in the file, what stands in none is an expression.
    """
    if not value or entropy(value) < detector.entropy:
        return False
    if detector.digits and not any(48 <= character <= 57 for character in value):
        return False
    if detector.mixed and not _is_mixed(value):
        return False
    if value.decode("latin-1") in detector.public or (_is_monotonous(value) and not detector.checksum):
        return False
    certain = detector.confidence is Confidence.HIGH and not detector.human
    if b"-----BEGIN" not in value and (_STRONG_PLACEHOLDER if certain else _PLACEHOLDER).search(value):
        return False
    digits = any(48 <= character <= 57 for character in value)
    if certain and not digits and not detector.checksum and is_words(value.decode("latin-1")):
        return False
    if detector.checksum and not PROOFS[detector.checksum](value):
        return False
    if detector.human and not _is_thought_up(value, name):
        return False
    if detector.names and not certain:
        return _is_assigned(detector, value, name, quoted=quoted, is_code=is_code)
    return True


def _is_monotonous(value: bytes) -> bool:
    value = value.lstrip(b"A")  # as some tokens begin
    run = _RUN.search(value)
    return (run is not None and 3 * value.count(run[1]) > len(value)) or _GROUP.search(value) is not None


def _is_mixed(value: bytes) -> bool:
    return (
        any(65 <= c <= 90 for c in value) and any(97 <= c <= 122 for c in value) and any(48 <= c <= 57 for c in value)
    )


def _is_thought_up(value: bytes, name: bytes) -> bool:
    """Tell whether `value` is a password that somebody uses, not one that stands for a password."""
    password = value
    if b"asic" in name:
        password = (decode_base64(value) or value).rpartition(b":")[2]
    elif name.startswith(b"curl"):
        password = value.rpartition(b":")[2]
    if _COMMON.fullmatch(password) or len(set(password)) < 4:
        return False
    return _PLACEHOLDER.search(password) is None


def _is_assigned(detector: Detector, value: bytes, name: bytes, *, quoted: bool, is_code: bool) -> bool:
    if (
        name[:1] in (b":", b"/") and detector.group == "assigned"
    ):  # a part of a longer name: AWS::IAM::AccessKey, arn:aws:secretsmanager
        return False
    if _NOT_A_NAME.search(name) or _NEAR_NAMES.search(name) or not _CREDENTIAL_WORD.search(name):
        return False
    if not quoted and (is_code or b"," in name):
        return False
    if detector.group == "assigned" and _IDENTIFIER.search(name):
        return False
    if detector.group != "assigned":
        return not is_words(value.decode("latin-1")) or any(48 <= c <= 57 for c in value)
    if _CODE.fullmatch(value):
        return False
    text = value.decode("latin-1")
    if detector.human:
        return _is_password(value, text)
    return _is_random(value, text, name)


def _is_password(value: bytes, text: str) -> bool:
    letters = any(character.isalpha() for character in text)
    others = any(not character.isalpha() for character in text)
    if not letters or not others or text.endswith((":", "?", "(", ",")) or " " in text:
        return False
    # Words alone (`enter-new-password`) are a message; words with a number may be somebody's password.
    return any(character.isdigit() for character in text) or (
        not is_words(text) and any(c in "!@#$%^&*+=~?" for c in text)
    )


def _is_random(value: bytes, text: str, name: bytes) -> bool:
    if _UUID.fullmatch(value):
        return False
    if _HEX.fullmatch(value):
        return len(value) >= 16 and any(48 <= c <= 57 for c in value) and not value.isdigit()
    if is_words(text, WORDS_FROM if any(character.isdigit() for character in text) else _LETTERS_ALONE):
        return False
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    if not letters or (not digits and len(text) < 20) or digits == len(text):
        return False
    # A name with a version or a date (`my-service-2024`) has few digits, and they stand together.
    return not re.fullmatch(r"[A-Za-z]+(?:[_./-][A-Za-z0-9]+)+", text) or (
        digits >= 3 and not is_words(re.sub(r"\d", "", text)) and max(map(len, re.split(r"[_./-]", text))) >= 12
    )
