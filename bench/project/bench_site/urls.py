from django.urls import path

from notes.views import front_page

urlpatterns = [path("", front_page)]
