"""Every address of the site."""

from allauth.account import urls as allauth
from django.urls import URLPattern, include, path

from multicloud_site import views

#: What of allauth is served. The rest sends mail or opens accounts, which this product does not do; the names stay, as
#: allauth's own pages ask for their addresses.
SERVED = {
    "account_signup",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_inactive",
    "account_change_password",
}
SIGN_IN = [
    URLPattern(entry.pattern, entry.callback if entry.name in SERVED else views.not_served, name=entry.name)
    for entry in allauth.urlpatterns
]

urlpatterns = [
    path("", views.home, name="overview"),
    path("counts/<str:by>/", views.counted, name="counts"),
    path("counts/<str:by>.csv", views.counted_csv, name="counts_csv"),
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/<int:account_id>/", views.account, name="account"),
    path("", include("resources.urls")),
    path("", include("providers.urls")),
    path("", include("access.urls")),
    path("account/", include(SIGN_IN)),
    path("healthz", views.healthz, name="healthz"),
    path("favicon.ico", views.favicon, name="favicon"),
]

handler400 = "pages.answers.bad_request"
handler403 = "pages.answers.permission_denied"
handler404 = "pages.answers.page_not_found"
handler500 = "pages.answers.server_error"
