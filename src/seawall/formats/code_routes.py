"""Routes and ports of web applications, as their source text declares them: Flask, FastAPI, Django, Express, Spring and net/http.

    read_routes(source)     # [Route("flask", "/orders", ("POST",), …)]

Frameworks that are written like one of these (Quart, Starlette, Koa, Fastify, gin, echo, chi) are read with it. What is put
together at run time is not seen. A route is *guarded* where its decorators, arguments, annotations or first lines name something
that authenticates.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

import msgspec

from seawall.formats.source_code import CodeMatch, SourceCode
from seawall.formats.text_places import Span

GUARD: Final = re.compile(
    r"(?i)auth(?!or(?!i))|login_?required|logged_?in|(?:token|jwt|session|role|scope|admin|user|permission)s?_?(?:required|check)|jwt|permission"
    r"|require_?(?:user|role|login|scope|admin|api_?key|session)|ensure_?(?:user|login|admin)|is_?admin|current_?user|get_user|verify_?(?:token|user|jwt|session)"
    r"|protect(?:ed)?\b|require_?local|api_?key|Security\(|bearer|oauth|check_?(?:token|session)|Secured|RolesAllowed|passport|identity"
)
"""What names something that authenticates. ``author`` does not, ``authorize`` does."""

_IN_BODY: Final = re.compile(
    r"\babort\(\s*40[13]|status(?:_code)?\s*[=(]\s*40[13]|HTTPException\(\s*(?:status_code\s*=\s*)?40[13]|Status(?:Unauthorized|Forbidden)"
    r"|current_user|request\.user\b|\.authorization\b|[Aa]uthorization[\"']|session\[|PermissionDenied"
)
_PYTHON_ROUTE: Final = re.compile(
    r"@([\w.]+)\.(route|get|post|put|patch|delete|api_route|websocket)\(\s*(?:path\s*=\s*)?[rf]?[\"']([^\"'\n]*)[\"']([^\n]*)"
)
_METHODS: Final = re.compile(r"methods\s*=\s*[\[({]([^\])}]*)[\])}]")
_WORD: Final = re.compile(r"[A-Z]+")
_DJANGO: Final = re.compile(r"^(?:re_)?(?:path|url)\(\s*r?[\"']([^\"'\n]*)[\"']\s*,\s*([\s\S]*)\)$")
_CALL_TEXT: Final = re.compile(r"[\"'`](?:([A-Z]+) )?(/[^\"'`\n]*)[\"'`]\s*,?([\s\S]*)")
_SPRING: Final = re.compile(r"@(Get|Post|Put|Patch|Delete|Request)Mapping\s*(?:\(([^)]*)\))?")
_FIRST_STRING: Final = re.compile(r"\"([^\"]*)\"")
_SPRING_METHOD: Final = re.compile(r"RequestMethod\.([A-Z]+)")
_CLASS_PREFIX: Final = re.compile(
    r"@RequestMapping\(\s*(?:value\s*=\s*|path\s*=\s*)?\"([^\"]*)\"[^)]*\)\s*(?:@\w+[^\n]*\s*)*(?:public\s+)?class"
)
_CLASS_GUARD: Final = re.compile(
    r"@(?:PreAuthorize|Secured|RolesAllowed)\b[^\n]*\s*(?:@\w+[^\n]*\s*)*(?:public\s+)?class"
)
_PORT: Final = re.compile(r"\bport\s*=\s*(?:int\([^\n]{0,80}?[\"'](\d{2,5})[\"']|(\d{2,5}))")
_HOST: Final = re.compile(r"\bhost\s*=\s*[\"']([^\"']*)[\"']")
_FUNCTION_VIEW: Final = re.compile(
    r"^((?:@[^\n]*\n)*)(?:async )?def (\w+)\(\s*request\b(?=([\s\S]{0,400}))", re.MULTILINE
)
_CLASS_VIEW: Final = re.compile(r"^((?:@[^\n]*\n)*)class (\w+)\(([^)]*)\):(?=([\s\S]{0,800}))", re.MULTILINE)
_DJANGO_VIEWS: Final = frozenset(
    (
        *(
            "View",
            "TemplateView",
            "ListView",
            "DetailView",
            "CreateView",
            "UpdateView",
            "DeleteView",
            "FormView",
            "RedirectView",
        ),
        *(
            "APIView",
            "GenericAPIView",
            "ViewSet",
            "GenericViewSet",
            "ModelViewSet",
            "ReadOnlyModelViewSet",
            "ListAPIView",
        ),
        *("CreateAPIView", "RetrieveAPIView", "UpdateAPIView", "DestroyAPIView", "ListCreateAPIView"),
    )
)
"""Bases of views that guard nothing by themselves."""
_BEFORE: Final = 1200
_USES: Final = 100
"""Guards of a whole router that are looked for in a text."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A route: where requests come in. `guarded` None where the text cannot tell; `view` is what answers (Django)."""

    framework: str
    path: str
    methods: tuple[str, ...]
    span: Span
    guarded: bool | None
    view: str = ""


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """A server that is started. `port` is 0 where it is not known from the text."""

    port: int
    host: str
    span: Span


def read_routes(source: SourceCode) -> list[Route]:
    """Return the routes that `source` declares, in its order."""
    readers = {"python": _python, "go": _go, "java": _java}
    found = list(readers.get(source.language, _javascript)(source))
    return sorted(found, key=lambda route: route.span)


def read_listeners(source: SourceCode) -> list[Listener]:
    """Return the servers that `source` starts."""
    text = source.text
    found: list[Listener] = []
    if source.language == "python" and (".run(" in text or "run(" in text) and ("Flask" in text or "uvicorn" in text):
        for match in source.find(
            {"rule": {"kind": "call", "has": {"field": "function", "regex": r"(?:app|uvicorn|socketio)\.run$"}}}
        ):
            port = _PORT.search(match.text)
            host = _HOST.search(match.text)
            default = 8000 if "uvicorn" in match.text else 5000
            number = int(port[1] or port[2]) if port else (0 if re.search(r"\bport\s*=", match.text) else default)
            found.append(Listener(port=number, host=host[1] if host else "127.0.0.1", span=match.span))
    elif source.language == "go" and "ListenAndServe" in text:
        rule = {"kind": "call_expression", "has": {"field": "function", "regex": r"^http\.ListenAndServe(?:TLS)?$"}}
        for match in source.find({"rule": rule}):
            address = re.search(r"\(\s*\"([^\":]*):(\d+)\"", match.text)
            found.append(
                Listener(port=int(address[2]) if address else 0, host=address[1] if address else "", span=match.span)
            )
    elif source.language in ("javascript", "typescript", "tsx") and ".listen(" in text:
        rule = {
            "kind": "call_expression",
            "has": {"field": "function", "regex": r"^(?:app|server|httpServer|fastify)\.listen$"},
        }
        for match in source.find({"rule": rule}):
            written = re.search(
                r"\(\s*(?:\{\s*port:\s*)?(?:process\.env\.\w+\s*(?:\|\||\?\?)\s*)?[\"']?(\d{2,5})\b", match.text
            )
            named = re.search(r"\(\s*([A-Za-z_]\w*)\s*[,)]", match.text)
            if written is None and named:
                written = re.search(
                    rf"\b{named[1]}\s*=\s*(?:process\.env\.\w+\s*(?:\|\||\?\?)\s*)?[\"']?(\d{{2,5}})\b", text
                )
            found.append(Listener(port=int(written[1]) if written else 0, host="", span=match.span))
    return found


def guards_all(source: SourceCode) -> bool:
    """Say whether `source` sets up something that authenticates every request of the application."""
    text = source.text
    if source.language == "java":
        return bool(re.search(r"anyRequest\(\)\s*\.(?:authenticated|hasRole|hasAuthority|fullyAuthenticated)", text))
    if source.language == "python":
        return bool(
            ("MIDDLEWARE" in text and "LoginRequiredMiddleware" in text)
            or re.search(
                r"DEFAULT_PERMISSION_CLASSES[\"']\s*:\s*[\[(]\s*[\"'][\w.]*(?:IsAuthenticated|IsAdminUser|DjangoModelPermissions)\b",
                text,
            )
            or any(
                GUARD.search(one[0])
                for one in re.finditer(r"\b(?:FastAPI|Starlette)\([\s\S]{0,400}?dependencies\s*=\s*\[[^\]]*\]", text)
            )
            or any(
                _guards(_until_next(one[1]))
                for one in re.finditer(
                    r"@(?:app|\w+_app)\.before_(?:app_)?request\n(?:@[^\n]*\n)*(def [\s\S]{0,600})", text
                )
            )
        )
    return False


def guarded_views(source: SourceCode) -> dict[str, bool | None]:
    """Return the functions and classes of a Python text that may be views, each with whether it is guarded.

    None where that is not known: a class may have its guard from a base that is not Django's own.
    """
    found: dict[str, bool | None] = {}
    if source.language == "python" and ("request" in source.text or "View" in source.text):
        for match in _FUNCTION_VIEW.finditer(source.text):
            found[match[2]] = _guards(match[1]) or bool(_IN_BODY.search(_until_next(match[3])))
        for match in _CLASS_VIEW.finditer(source.text):
            bases = [base.strip().rpartition(".")[2] for base in match[3].split(",")]
            if any(re.search(r"View\b|ViewSet\b|Mixin\b", base) for base in bases):
                allowed = re.search(r"permission_classes\s*=\s*[\[(]([^\])]*)", _until_next(match[4]))
                own = bool(allowed and allowed[1].strip() and "AllowAny" not in allowed[1])
                plain = (
                    all(base in _DJANGO_VIEWS for base in bases)
                    and ("from django.views" in source.text or "rest_framework" in source.text)
                    and "permission" not in _until_next(match[4])
                )
                found[match[2]] = True if own or _guards(match[1] + match[3]) else False if plain else None
    return found


def _until_next(body: str) -> str:
    return re.split(r"\n(?=[@\w])", body, maxsplit=1)[0]


def _guards(text: str) -> bool:
    return bool(GUARD.search(text) or _IN_BODY.search(text))


def _python(source: SourceCode) -> Iterator[Route]:
    text = source.text
    if not any(word in text for word in ("@", "path(", "url(")):
        return
    blueprints = {
        match[1]: match[0]
        for match in re.finditer(
            r"^(\w+)\s*=\s*(?:Blueprint|APIRouter)\([^\n]*(?:\n[^\n]*){0,6}?\)", text, re.MULTILINE
        )
    }
    framework = "fastapi" if "fastapi" in text or "APIRouter" in text else "flask"
    if any(
        word in text
        for word in ("flask", "Flask", "fastapi", "FastAPI", "APIRouter", "Blueprint", "starlette", "quart")
    ):
        for match in source.find({"rule": {"kind": "decorated_definition"}}):
            yield from _decorated(match, framework, blueprints)
    if "urlpatterns" in text:
        for match in source.find(
            {"rule": {"kind": "call", "has": {"field": "function", "regex": r"^(?:re_)?path$|^url$"}}}
        ):
            read = _DJANGO.match(match.text)
            if read and not re.match(r"include\(|admin\.site", read[2]):
                guarded = (
                    True if _guards(read[2]) or "decorate_urlpatterns" in text or "decorator_include" in text else None
                )
                name = re.match(r"(?:\w+\()*(?:[\w.]*\.)?(\w+?)(?:\.as_view\b|[,)\s]|\Z)", read[2])
                view = re.search(r"(\w+)\.as_view", read[2])
                yield Route(
                    framework="django",
                    path="/" + read[1].lstrip("^/"),
                    methods=(),
                    span=match.span,
                    guarded=guarded,
                    view=view[1] if view else name[1] if name else "",
                )


def _decorated(match: CodeMatch, framework: str, blueprints: dict[str, str]) -> Iterator[Route]:
    head, _, rest = match.text.partition("\ndef " if "\ndef " in match.text else "\nasync def ")
    for number, line in enumerate(head.split("\n")):
        route = _PYTHON_ROUTE.match(line.strip())
        if not route:
            continue
        owner, method, path, more = route.groups()
        listed = _METHODS.search(head)
        methods = (
            tuple(_WORD.findall(listed[1]))
            if listed
            else ("GET",)
            if method in ("route", "websocket")
            else (method.upper(),)
        )
        others = "\n".join(other for other in head.split("\n") if not _PYTHON_ROUTE.match(other.strip())) + more
        signature = rest.partition(":\n")[0]
        blueprint = blueprints.get(owner, "")
        prefix = re.search(r"(?:url_)?prefix\s*=\s*[\"']([^\"']*)[\"']", blueprint)
        router_guard = re.search(r"dependencies\s*=\s*\[[^\]]*\]", blueprint)
        guarded = bool(
            GUARD.search(others)
            or any(GUARD.search(one) for one in re.findall(r"(?:Depends|Security)\([^)]*\)?|:\s*\w*User\w*", signature))
            or _IN_BODY.search(rest)
            or router_guard  # what every route of a router depends on is there to let some in and others not
        )
        line_number = match.span.line + number
        span = (
            Span(line_number, len(line) - len(line.lstrip()) + 1, line_number, len(line) + 1)
            if number
            else (Span(line_number, match.span.column, line_number, match.span.column + len(line.strip())))
        )
        yield Route(
            framework=framework, path=(prefix[1] if prefix else "") + path, methods=methods, span=span, guarded=guarded
        )


def _javascript(source: SourceCode) -> Iterator[Route]:
    text = source.text
    if not any(word in text for word in ("express", "fastify", "koa", "Router(", "Router()")):
        return
    rule = {
        "kind": "call_expression",
        "has": {
            "field": "function",
            "regex": r"^(?:app|server|fastify|api|routes?|\w*[rR]outer)\.(?:get|post|put|patch|delete|all)$",
        },
    }
    guards = list(
        islice(
            (one for one in re.finditer(r"\b(?:app|\w*[rR]outer)\.use\(([^\n]*)", text) if GUARD.search(one[1])), _USES
        )
    )
    lines = [text.count("\n", 0, guard.start()) + 1 for guard in guards]
    for match in source.find({"rule": rule}):
        called = re.match(r"[\w.]+\.(\w+)\(\s*", match.text)
        read = _CALL_TEXT.match(match.text[called.end() :]) if called else None
        if called is None or read is None or not read[3].strip(" )\n"):
            continue
        arguments = re.split(r"=>|\bfunction\b", read[3], maxsplit=1)
        under = any(
            line < match.span.line and (path is None or read[2].startswith(path[1]))
            for line, guard in zip(lines, guards, strict=True)
            for path in [re.match(r"\s*[\"'`](/[^\"'`]*)[\"'`]", guard[1])]
        )
        guarded = under or bool(GUARD.search(arguments[0])) or bool(_IN_BODY.search(read[3][:_BEFORE]))
        methods = () if called[1] == "all" else (called[1].upper(),)
        yield Route(
            framework="express", path=read[2], methods=methods, span=_first_line(source, match.span), guarded=guarded
        )


def _go(source: SourceCode) -> Iterator[Route]:
    text = source.text
    if not any(word in text for word in ("net/http", "gin-gonic", "labstack/echo", "go-chi", "gorilla/mux")):
        return
    rule = {
        "kind": "call_expression",
        "has": {
            "field": "function",
            "regex": r"^\w+\.(?:HandleFunc|Handle|GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete)$",
        },
    }
    around = bool(re.search(r"ListenAndServe\w*\([^,\n]*,\s*\w*(?i:auth)\w*\(|Handler:\s*\w*(?i:auth)\w*\(", text))
    guards = islice((one for one in re.finditer(r"\.Use\(([^\n]*)\)", text) if GUARD.search(one[1])), _USES)
    uses = [text.count("\n", 0, one.start()) + 1 for one in guards]
    for match in source.find({"rule": rule}):
        called = re.match(r"\w+\.(\w+)\(\s*", match.text)
        read = _CALL_TEXT.match(match.text[called.end() :]) if called else None
        if called is None or read is None or not read[3].strip(" )\n"):
            continue
        if called[1] in ("Get", "Post") and match.text.startswith("http."):
            continue  # a client
        method = read[1] or (called[1].upper() if not called[1].startswith("Handle") else "")
        guarded = around or any(line < match.span.line for line in uses) or _guards(read[3][:_BEFORE])
        yield Route(
            framework="net/http",
            path=read[2],
            methods=(method,) if method else (),
            span=_first_line(source, match.span),
            guarded=guarded,
        )


def _java(source: SourceCode) -> Iterator[Route]:
    if "Mapping" not in source.text:
        return
    prefix = _CLASS_PREFIX.search(source.text)
    class_guard = _CLASS_GUARD.search(source.text) is not None
    for match in source.find(
        {
            "rule": {
                "kind": "method_declaration",
                "regex": r"^(?:@[^\n]*\s*)*@(?:Get|Post|Put|Patch|Delete|Request)Mapping",
            }
        }
    ):
        read = _SPRING.search(match.text)
        if read is None:
            continue
        path = _FIRST_STRING.search(read[2] or "")
        listed = tuple(_SPRING_METHOD.findall(read[2] or ""))
        methods = listed if read[1] == "Request" else (read[1].upper(),)
        head = match.text.replace(read[0], "").partition(") {")[0]
        guarded = True if class_guard or GUARD.search(head) or "Principal" in head else None
        yield Route(
            framework="spring",
            path=((prefix[1] if prefix else "") + (path[1] if path else "")) or "/",
            methods=methods,
            span=_first_line(source, match.span),
            guarded=guarded,
        )


def _first_line(source: SourceCode, span: Span) -> Span:
    line = source.lines[span.line - 1]
    return span if span.line == span.end_line else Span(span.line, span.column, span.line, len(line) + 1)
