from aiohttp import web

from handlers import Users, routes, subapp

table = web.RouteTableDef()


@table.get("/")
async def index(request):  #: GET /
    return web.Response()


@table.view("/things/{name}")
class Thing(web.View):
    async def get(self):  #: GET /things/{name}
        return web.Response()

    async def post(self):  #: POST /things/{name}
        return web.Response()


async def save(request):  #: PUT /save
    return web.Response()


async def made(request):  #: POST /made
    return web.Response()


async def both(request):  #: PATCH /both/{id:\d+}
    return web.Response()


def build():
    app = web.Application()
    users = Users()
    app.add_routes(table)
    app.router.add_routes(routes)
    app.add_routes([web.put("/save", save), web.get("/users/{id}", users.show)])
    app.router.add_post("/made", made)
    app.router.add_route("PATCH", r"/both/{id:\d+}", both)
    app.add_subapp("/admin/", subapp())
    return app
