from django.urls import path

from lists import views

urlpatterns = [
    path("", views.home, name="home"),
    path("lists/<int:pk>/", views.view_list, name="list"),
    path("items/<int:pk>/toggle", views.toggle, name="toggle"),
]
