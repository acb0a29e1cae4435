from django.contrib.auth.decorators import login_required
from django.urls import path

from . import views
from .views import OrderView, orders

app_name = "shop"
urlpatterns = [
    path("orders/", orders, name="orders"),
    path("orders/<int:pk>/", OrderView.as_view(http_method_names=["get", "put"])),
    path("mine/", login_required(views.mine)),
    path("list/", views.OrderList.as_view()),
]
