from fastapi import FastAPI

from app.config import settings
from app.routers import items, users_router
from app.routers.admin import router as admin

ROOT = "/"


def create_app() -> FastAPI:
    app = FastAPI(title="shop")
    app.include_router(users_router, prefix=settings.API_PREFIX)
    app.include_router(items.router, prefix=settings.API_PREFIX, tags=["items"])
    app.include_router(admin, prefix="/admin")
    app.include_router(router=admin, prefix="/internal")
    app.add_api_route("/health", health, methods=["GET", "HEAD"])

    @app.get(f"{ROOT}version")
    def version():  #: GET /version
        return "1"

    return app


def health():  #: GET /health, HEAD /health
    return "ok"


app = create_app()


@app.get(path="/late/{path:path}")
async def late(path: str):  #: GET /late/{path:path}
    return path


cache = {}


def not_a_route():
    return cache.get("/users", health)
