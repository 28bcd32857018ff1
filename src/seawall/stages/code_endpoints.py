"""The endpoints of a repository's code beside what its manifests let in. One of the collectors of `stages.repository`."""

from collections.abc import Sequence

from seawall.facts.endpoints import RoutedCode, derive_endpoints
from seawall.formats.code_places import is_generated
from seawall.formats.code_routes import guarded_views, guards_all, read_listeners, read_routes
from seawall.formats.source_code import SourceCode, read
from seawall.sources.files import Found, SourceFile, load_whole
from seawall.stages.code import MAX_BYTES, own_files
from seawall.stages.repository import Collected, Request

_WORDS = (
    *(
        b"flask",
        b"Flask",
        b"fastapi",
        b"FastAPI",
        b"APIRouter",
        b"urlpatterns",
        b"MIDDLEWARE",
        b"REST_FRAMEWORK",
        b"uvicorn",
        b"View",
    ),
    *(
        b"def ",
        b"express",
        b"fastify",
        b"koa",
        b"Router",
        b"net/http",
        b"gin-gonic",
        b"labstack/echo",
        b"go-chi",
        b"gorilla/mux",
    ),
    *(b"Mapping", b"SecurityFilterChain", b"SecurityWebFilterChain", b"WebSecurityConfigurer", b".listen("),
)
"""Words without one of which a text declares no route, no view and no server."""


def examine(files: Sequence[Found], request: Request) -> Collected:
    """Return the facts about routes in `files`. What could not be read is told by `stages.code`, which reads the same files."""
    routed: list[RoutedCode] = []
    for found in own_files(files):
        file = load_whole(found.file, found.path, most=MAX_BYTES)
        if isinstance(file, SourceFile) and any(word in file.data for word in _WORDS):
            source = read(file.path, file.data)
            if isinstance(source, SourceCode) and not is_generated(source.text, source.language):
                request.reading.on_file(file)
                routed.append(
                    RoutedCode(
                        source=source,
                        routes=read_routes(source),
                        listeners=read_listeners(source),
                        guards_all=guards_all(source),
                        views=guarded_views(source),
                    )
                )
    return Collected(
        facts=list(derive_endpoints(routed, request.resources)), files=[one.source.path for one in routed if one.routes]
    )
