from aiohttp import web


class Users:
    async def show(self, request):  #: GET /users/{id}
        return web.Response()


async def remove(request):  #: DELETE /gone
    return web.Response()


async def panel(request):  #: GET /admin/panel
    return web.Response()


routes = [web.delete("/gone", remove)]


def subapp():
    app = web.Application()
    app.router.add_get("/panel", panel)
    return app
