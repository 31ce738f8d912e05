from django.db import models
from django.urls import reverse


class List(models.Model):
    """A to-do list. It is found by its address alone: whoever has the link can read it and add to it."""

    started = models.DateTimeField(auto_now_add=True)

    @property
    def name(self):
        """A list is called what its first item says."""
        first = self.items.first()
        return first.text if first else "An empty list"

    @property
    def open_count(self):
        return self.items.filter(is_done=False).count()

    def get_absolute_url(self):
        return reverse("list", args=[self.pk])

    def __str__(self):
        return self.name


class Item(models.Model):
    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="items")
    text = models.CharField(max_length=200)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["list", "text"], name="one_item_of_a_text_per_list")]

    def __str__(self):
        return self.text
