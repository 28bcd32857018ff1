from django.contrib.auth.decorators import login_required
from django.urls import path

from . import views


@login_required
def orders(request):
    return listed(request)


def cancel(request):
    return cancelled(request.POST["order"])


urlpatterns = [
    path("orders/", orders),
    path("orders/cancel/", cancel),
    path("login/", views.login),
]
