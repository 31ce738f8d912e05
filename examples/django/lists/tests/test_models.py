from django.db import IntegrityError
from django.test import TestCase

from lists.models import Item, List


class ListTest(TestCase):
    def test_is_called_what_its_first_item_says(self):
        todo = List.objects.create()
        Item.objects.create(list=todo, text="Buy peacock feathers")
        Item.objects.create(list=todo, text="Make a fly")
        self.assertEqual(todo.name, "Buy peacock feathers")

    def test_counts_what_is_still_open(self):
        todo = List.objects.create()
        Item.objects.create(list=todo, text="one", is_done=True)
        Item.objects.create(list=todo, text="two")
        self.assertEqual(todo.open_count, 1)


class ItemTest(TestCase):
    def test_may_stand_in_two_lists_but_not_twice_in_one(self):
        first, second = List.objects.create(), List.objects.create()
        Item.objects.create(list=first, text="Make a fly")
        Item.objects.create(list=second, text="Make a fly")
        with self.assertRaises(IntegrityError):
            Item.objects.create(list=first, text="Make a fly")

    def test_items_stay_in_the_order_in_which_they_came(self):
        todo = List.objects.create()
        texts = ["b", "c", "a"]
        for text in texts:
            Item.objects.create(list=todo, text=text)
        self.assertEqual([item.text for item in todo.items.all()], texts)
