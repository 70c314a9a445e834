"""Every address of the site."""

from django.urls import include, path

from multicloud_site import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("account/", include("allauth.account.urls")),
]
