import idna
from django.shortcuts import render

from bench_site.version import VERSION
from notes.models import Note


def front_page(request):
    shown = {"version": VERSION, "idna": idna.__version__, "note": Note.objects.first()}
    return render(request, "notes/front_page.html", shown)
