from django.contrib import admin
from django.urls import include, path, re_path

from shop import views

extra = [
    path("now/", views.now),
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("shop/", include("shop.urls")),
    path("tools/", include((extra, "tools"))),
    path("nested/", include([path("a/<slug:key>/", views.nested)])),
    re_path(r"^old/(?P<year>[0-9]{4})/$", views.archive, name="archive"),
]

urlpatterns += [path("", views.Home.as_view(), name="home")]
