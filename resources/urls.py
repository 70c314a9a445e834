"""Addresses of the inventory."""

from django.urls import path

from resources import views

urlpatterns = [
    path("resources/", views.resources, name="resources"),
    path("resources/export.csv", views.export_csv, name="resources_csv"),
    path("resources/export.json", views.export_json, name="resources_json"),
    path("resources/<str:public_id>/", views.resource, name="resource"),
    path("resources/<str:public_id>/answer.json", views.answer, name="resource_answer"),
    path("resources/<str:public_id>/change/<str:verb>/", views.change, name="resource_change"),
    path("resources/<str:public_id>/protect/", views.protect, name="resource_protect"),
    path("operations/<str:operation_id>/undo/", views.undo, name="operation_undo"),
    path("accounts/<int:account_id>/read/", views.read, name="account_read"),
]
