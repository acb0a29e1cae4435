from starlette.applications import Starlette
from starlette.routing import Route


def show(request):  #: GET /users/{name}
    return None


def two(request):  #: GET /a/b/two
    return None


def added(request):  #: GET /added
    return None


def inside(request):  #: GET /sub/inside
    return None


routes = [Route("/{name}", show)]
sub = Starlette(routes=[Route("/inside", inside)])
