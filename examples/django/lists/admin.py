from django.contrib import admin

from lists.models import Item, List


class ItemInline(admin.TabularInline):
    model = Item
    extra = 1


@admin.register(List)
class ListAdmin(admin.ModelAdmin):
    inlines = [ItemInline]
