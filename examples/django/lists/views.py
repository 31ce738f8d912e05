from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from lists.forms import ItemForm
from lists.models import Item, List


def home(request):
    form = ItemForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.instance.list = List.objects.create()
            form.save()
        return redirect(form.instance.list)
    recent = List.objects.prefetch_related("items").order_by("-started")[:5]
    return render(request, "lists/home.html", {"form": form, "recent": recent})


def view_list(request, pk):
    todo = get_object_or_404(List, pk=pk)
    form = ItemForm(request.POST or None, for_list=todo)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(todo)
    return render(request, "lists/list.html", {"list": todo, "form": form})


@require_POST
def toggle(request, pk):
    item = get_object_or_404(Item, pk=pk)
    item.is_done = not item.is_done
    item.save(update_fields=["is_done"])
    return redirect(item.list)
