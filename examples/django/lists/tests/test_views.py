from django.test import TestCase

from lists.models import Item, List


class HomeTest(TestCase):
    def test_asks_for_a_first_item(self):
        response = self.client.get("/")
        self.assertTemplateUsed(response, "lists/home.html")
        self.assertContains(response, 'name="text"')

    def test_a_first_item_starts_a_list_and_leads_to_it(self):
        response = self.client.post("/", {"text": "Buy peacock feathers"})
        self.assertRedirects(response, f"/lists/{List.objects.get().pk}/")
        self.assertEqual(Item.objects.get().text, "Buy peacock feathers")

    def test_an_empty_item_is_refused_and_starts_no_list(self):
        response = self.client.post("/", {"text": " "})
        self.assertContains(response, "You can&#x27;t have an empty list item")
        self.assertEqual(List.objects.count(), 0)


class ListViewTest(TestCase):
    def setUp(self):
        self.todo = List.objects.create()
        self.item = Item.objects.create(list=self.todo, text="Buy peacock feathers")

    def test_shows_the_items_of_this_list_only(self):
        Item.objects.create(list=List.objects.create(), text="Somebody else's")
        response = self.client.get(self.todo.get_absolute_url())
        self.assertContains(response, "Buy peacock feathers")
        self.assertNotContains(response, "Somebody else")

    def test_adds_to_the_list(self):
        self.client.post(self.todo.get_absolute_url(), {"text": "Make a fly"})
        self.assertEqual([item.text for item in self.todo.items.all()], ["Buy peacock feathers", "Make a fly"])

    def test_says_that_an_item_is_there_already(self):
        response = self.client.post(self.todo.get_absolute_url(), {"text": "Buy peacock feathers"})
        self.assertContains(response, "You&#x27;ve already got this in your list")
        self.assertEqual(self.todo.items.count(), 1)

    def test_text_is_escaped(self):
        Item.objects.create(list=self.todo, text="<script>alert(1)</script>")
        self.assertNotContains(self.client.get(self.todo.get_absolute_url()), "<script>")

    def test_ticks_an_item_off_and_on_again(self):
        for expected in (True, False):
            response = self.client.post(f"/items/{self.item.pk}/toggle")
            self.assertRedirects(response, self.todo.get_absolute_url())
            self.item.refresh_from_db()
            self.assertIs(self.item.is_done, expected)
