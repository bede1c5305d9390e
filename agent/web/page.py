"""The page's own files: built from ui/ into static/. And the headers that keep a browser in its place."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

LARGEST_BODY = 16_384  # bytes of a request
STATIC = Path(__file__).parent / "static"
BUILD = "python agent/web/ui/build.py"
MISSING = f"The page is not built yet: run `{BUILD}` in the source folder, then load this again. The API is at /api.\n"
SOURCES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)
HEADERS = {
    "Content-Security-Policy": "; ".join(SOURCES),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HASHED = "/assets/"  # Vite puts a digest of the content into these names


def add_page(app: web.Application, folder: Path = STATIC) -> None:
    """`/` and the files beside it. Without a build `/` says in one line how to make one."""

    async def show(_: web.Request) -> web.StreamResponse:
        index = folder / "index.html"
        if not index.is_file():
            return web.Response(text=MISSING, status=503)
        return web.FileResponse(index)

    app.router.add_get("/", show)
    if (folder / "assets").is_dir():
        app.router.add_static(HASHED, folder / "assets")


def dress(secure: bool, server: str = "plantroom") -> web.Application:
    """An application whose every answer, streams and files too, carries the security and cache headers."""
    app = web.Application(client_max_size=LARGEST_BODY)

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(HEADERS)
        response.headers["Server"] = server
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.path.startswith(HASHED) and response.status < 400:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif request.path.startswith("/api"):
            response.headers["Cache-Control"] = "no-store"
        else:
            response.headers["Cache-Control"] = "no-cache"

    app.on_response_prepare.append(add_headers)
    return app
