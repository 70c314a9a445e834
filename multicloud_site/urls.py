"""Every address of the site."""

from django.urls import include, path

from multicloud_site import views

urlpatterns = [
    path("", views.home, name="overview"),
    path("counts/<str:by>/", views.counted, name="counts"),
    path("counts/<str:by>.csv", views.counted_csv, name="counts_csv"),
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/<int:account_id>/", views.account, name="account"),
    path("", include("resources.urls")),
    path("", include("providers.urls")),
    path("", include("access.urls")),
    path("account/", include("allauth.account.urls")),
    path("healthz", views.healthz, name="healthz"),
    path("favicon.ico", views.favicon, name="favicon"),
]

handler400 = "pages.answers.bad_request"
handler403 = "pages.answers.permission_denied"
handler404 = "pages.answers.page_not_found"
handler500 = "pages.answers.server_error"
