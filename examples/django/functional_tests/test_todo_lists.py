"""What a visitor does, over HTTP. Runs against a server of its own, or against the site that STAGING_SERVER or TEST_SERVER names:

    STAGING_SERVER=staging.example.com python3 manage.py test functional_tests
"""

import html
import os
import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from django.contrib.staticfiles.testing import StaticLiveServerTestCase


class Visitor:
    """A browser without a window: keeps cookies, follows redirects, fills in the form."""

    def __init__(self, address):
        self.address = address
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def opens(self, path="/", form=None):
        body = urllib.parse.urlencode(form).encode() if form else None
        address = urllib.parse.urljoin(self.address, path)
        # Over https, Django wants to know which page a form was sent from.
        request = urllib.request.Request(address, body, {"Referer": address})
        with self.browser.open(request, timeout=30) as response:
            self.address = response.geturl()
            self.page = response.read().decode()

    def enters(self, text):
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page).group(1)
        self.opens(self.address, {"csrfmiddlewaretoken": token, "text": text})

    def sees(self, text):
        return text in html.unescape(self.page)


class ToDoListsTest(StaticLiveServerTestCase):
    def setUp(self):
        server = os.environ.get("STAGING_SERVER") or os.environ.get("TEST_SERVER")
        self.server = self.live_server_url
        if server:
            self.server = server if "://" in server else f"http://{server}"

    def test_starts_a_list_and_comes_back_to_it(self):
        edith = Visitor(self.server)
        edith.opens("/")
        self.assertTrue(edith.sees("Start a new To-Do list"))

        edith.enters("Buy peacock feathers")
        self.assertRegex(edith.address, r"/lists/\d+/$")
        edith.enters("Use peacock feathers to make a fly")
        self.assertTrue(edith.sees("Buy peacock feathers"))
        self.assertTrue(edith.sees("Use peacock feathers to make a fly"))

        later = Visitor(self.server)
        later.opens(edith.address)
        self.assertTrue(later.sees("Use peacock feathers to make a fly"))

    def test_each_list_has_an_address_of_its_own(self):
        edith, francis = Visitor(self.server), Visitor(self.server)
        for visitor, text in ((edith, "Buy peacock feathers"), (francis, "Buy milk")):
            visitor.opens("/")
            visitor.enters(text)
        self.assertNotEqual(edith.address, francis.address)
        self.assertFalse(francis.sees("Buy peacock feathers"))

    def test_says_no_to_an_item_that_is_there_already(self):
        edith = Visitor(self.server)
        edith.opens("/")
        edith.enters("Buy wellies")
        edith.enters("Buy wellies")
        self.assertTrue(edith.sees("You've already got this in your list"))

    def test_the_page_is_styled(self):
        edith = Visitor(self.server)
        edith.opens("/")
        edith.opens(re.search(r'href="([^"]+\.css)"', edith.page).group(1))
        self.assertIn("--accent", edith.page)
