from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Mount, Route, WebSocketRoute

import users


async def home(request):  #: GET /
    return None


async def save(request):  #: POST /save, PUT /save
    return None


async def chat(websocket):  #: GET /chat/{room}
    return None


class Order(HTTPEndpoint):
    async def get(self, request):  #: GET /orders/{order_id:int}
        return None

    async def delete(self, request):  #: DELETE /orders/{order_id:int}
        return None


inner = [Route("/deep", endpoint=lambda request: None)]  #: GET /a/b/deep

routes = [
    Route("/", home),
    Route("/save", endpoint=save, methods=["POST", "PUT"]),
    Route("/orders/{order_id:int}", Order),
    WebSocketRoute("/chat/{room}", chat),
    Mount("/users", routes=users.routes),
    Mount("/a", routes=[Mount("/b", routes=[*inner, Route("/two", users.two)])]),
    Mount("/static", app=object(), name="static"),
    Mount("/sub", app=users.sub),
]

app = Starlette(routes=routes)
app.add_route("/added", users.added)
