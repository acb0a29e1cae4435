from django.views import View
from django.views.generic import ListView


def now(request):  #: * tools/now/
    return None


def nested(request, key):  #: * nested/a/<slug:key>/
    return None


def archive(request, year):  #: * ^old/(?P<year>[0-9]{4})/$
    return None


def orders(request):  #: * shop/orders/
    return None


def mine(request):  #: * shop/mine/
    return None


class OrderView(View):
    def get(self, request, pk):  #: GET shop/orders/<int:pk>/
        return None

    def put(self, request, pk):  #: PUT shop/orders/<int:pk>/
        return None


class OrderList(ListView):  #: * shop/list/
    model = None


class Home(View):
    async def get(self, request):  #: GET
        return None
