"""Addresses of operations, and of what is done to accounts and credentials."""

from django.urls import path

from providers import credential_views, views

urlpatterns = [
    path("operations/", views.operations, name="operations"),
    path("operations/<str:operation_id>/", views.operation, name="operation"),
    path("operations/<str:operation_id>/plan.json", views.plan_json, name="operation_plan"),
    path("operations/<str:operation_id>/approve/", views.approve, name="operation_approve"),
    path("operations/<str:operation_id>/cancel/", views.cancel, name="operation_cancel"),
    path("operations/<str:operation_id>/look-again/", views.look_again, name="operation_look_again"),
    path("accounts/add/", credential_views.add, name="account_add"),
    path("accounts/<int:account_id>/mode/", credential_views.mode, name="account_mode"),
    path("accounts/<int:account_id>/switch/", credential_views.switch, name="account_switch"),
    path("accounts/<int:account_id>/examine/", credential_views.examine, name="account_examine"),
    path("credentials/<int:credential_id>/", credential_views.credential, name="credential"),
    path("credentials/<int:credential_id>/secret/", credential_views.replace_secret, name="credential_secret"),
    path("credentials/<int:credential_id>/remove/", credential_views.remove, name="credential_remove"),
    path("credentials/<int:credential_id>/check/", credential_views.check, name="credential_check"),
]
