"""Routes of web applications: found where they are declared, and known as guarded where something authenticates."""

import time
from pathlib import Path

import pytest

from seawall.formats.code_routes import read_listeners, read_routes
from seawall.formats.source_code import SourceCode
from seawall.sources.files import Found
from seawall.stages.code_endpoints import examine
from seawall.stages.repository import Request

KINDS = frozenset({"Endpoint", "ServedPorts"})


def routes(language: str, text: str) -> list[tuple[str, tuple[str, ...], bool | None]]:
    return [(route.path, route.methods, route.guarded) for route in read_routes(SourceCode("a", language, text))]


def endpoints(root: Path, files: dict[str, str]) -> dict[str, str]:
    found = []
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        found.append(Found(str(path), str(path), name))
    facts = examine(found, Request(kinds=KINDS)).facts
    return {fact.value["title"]: fact.value["auth"] for fact in facts}


def test_flask_routes_have_their_methods_and_the_prefix_of_their_blueprint() -> None:
    text = (
        "from flask import Blueprint\nbp = Blueprint('a', __name__, url_prefix='/api')\n"
        "@bp.route('/items', methods=['GET', 'POST'])\n@login_required\ndef items():\n    pass\n"
        "@bp.delete('/items/<id>')\ndef drop(id):\n    pass\n"
    )
    assert routes("python", text) == [("/api/items", ("GET", "POST"), True), ("/api/items/<id>", ("DELETE",), False)]


def test_fastapi_routes_are_guarded_by_what_they_depend_on() -> None:
    text = (
        "from fastapi import APIRouter, Depends\nrouter = APIRouter(prefix='/v1', dependencies=[Depends(verify_token)])\n"
        "app = FastAPI()\n@router.get('/a')\nasync def a():\n    pass\n"
        "@app.post('/b')\nasync def b(db=Depends(get_db)):\n    pass\n"
        "@app.post('/c')\nasync def c(user: User = Depends(get_current_user)):\n    pass\n"
    )
    assert routes("python", text) == [("/v1/a", ("GET",), True), ("/b", ("POST",), False), ("/c", ("POST",), True)]


def test_express_routes_below_a_guard_are_guarded() -> None:
    text = (
        "const express = require('express');\napp.get('/open', handler);\napp.use('/admin', requireAuth);\n"
        "app.post('/admin/x', handler);\napp.post('/other', handler);\napp.get('trust proxy');\n"
    )
    assert routes("javascript", text) == [
        ("/open", ("GET",), False),
        ("/admin/x", ("POST",), True),
        ("/other", ("POST",), False),
    ]


def test_go_routes_have_the_method_of_their_pattern_and_clients_are_none() -> None:
    text = (
        'package a\nimport "net/http"\nfunc f() {\n mux.HandleFunc("POST /orders", place)\n mux.Handle("/x", requireAuth(h))\n'
        ' http.Get("/y")\n}\n'
    )
    assert routes("go", text) == [("/orders", ("POST",), False), ("/x", (), True)]


def test_an_author_is_no_authentication() -> None:
    text = (
        "const express = require('express');\napp.post('/books', byAuthor, save);\napp.post('/b', authorize, save);\n"
    )
    assert [guarded for _, _, guarded in routes("javascript", text)] == [False, True]


def test_spring_security_that_guards_every_request_guards_the_routes(tmp_path: Path) -> None:
    controller = 'class A {\n @PostMapping("/orders")\n void place() { }\n}\n'
    chain = (
        "class S {\n SecurityFilterChain f() { http.authorizeHttpRequests(a -> a.anyRequest().authenticated()); }\n}\n"
    )
    other = "class S {\n SecurityFilterChain f() { http.authorizeHttpRequests(rules()); }\n}\n"
    assert endpoints(tmp_path / "1", {"A.java": controller}) == {"POST /orders": "none"}
    assert endpoints(tmp_path / "2", {"A.java": controller, "S.java": chain}) == {"POST /orders": "seen"}
    assert endpoints(tmp_path / "3", {"A.java": controller, "S.java": other}) == {"POST /orders": "unknown"}


def test_a_django_route_is_judged_by_its_view_in_another_file(tmp_path: Path) -> None:
    urls = (
        "urlpatterns = [path('a/', views.a), path('b/', views.B.as_view()), path('c/', views.c), path('d/', other.d)]\n"
    )
    views = (
        "@login_required\ndef a(request):\n    pass\n\n\nclass B(LoginRequiredMixin, View):\n    pass\n\n\n"
        "def c(request):\n    pass\n"
    )
    assert endpoints(tmp_path, {"shop/urls.py": urls, "shop/views.py": views}) == {
        "any method /a/": "seen",
        "any method /b/": "seen",
        "any method /c/": "none",
        "any method /d/": "unknown",
    }


@pytest.mark.parametrize(
    ("language", "text", "ports"),
    [
        ("python", "from flask import Flask\napp.run()\napp.run(port=8080)\napp.run(port=port)", [5000, 8080, 0]),
        (
            "python",
            "import uvicorn\nuvicorn.run(app, host='0.0.0.0', port=int(os.environ.get('PORT', '8000')))",
            [8000],
        ),
        ("javascript", "const port = process.env.PORT || 3000;\napp.listen(port, () => {})", [3000]),
        (
            "go",
            'package a\nfunc f() { http.ListenAndServe(":8080", nil); http.ListenAndServe(address, nil) }',
            [8080, 0],
        ),
    ],
)
def test_the_port_of_a_server_is_read_or_not_known(language: str, text: str, ports: list[int]) -> None:
    assert [listener.port for listener in read_listeners(SourceCode("a", language, text))] == ports


@pytest.mark.parametrize(
    "text",
    [
        "from flask import Flask\n" + "@app.route('/x')\n" * 20_000 + "def f():\n    pass\n",
        "from flask import Flask\n" + "def f(request):\n" * 20_000,
        "MIDDLEWARE\n" * 20_000 + "@app.before_request\n" * 5_000,
        "from fastapi import FastAPI\n" + "FastAPI(\n" * 20_000 + "Blueprint(\n" * 20_000,
        "class A(View):\n" * 20_000,
    ],
    ids=["decorators", "views", "settings", "calls", "classes"],
)
def test_a_hostile_file_costs_seconds_at_most(tmp_path: Path, text: str) -> None:
    began = time.process_time()
    endpoints(tmp_path, {"a.py": text})
    assert time.process_time() - began < 10
