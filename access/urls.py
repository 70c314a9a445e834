"""Addresses of the audit."""

from django.urls import path

from access import views

urlpatterns = [
    path("audit/", views.audit, name="audit"),
    path("audit/audit.csv", views.audit_csv, name="audit_csv"),
    path("audit/chain/", views.chain, name="audit_chain"),
]
