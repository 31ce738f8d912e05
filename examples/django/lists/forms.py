from django import forms

from lists.models import Item


class ItemForm(forms.ModelForm):
    """One line of text. With a list, it refuses what the list already says."""

    class Meta:
        model = Item
        fields = ["text"]
        widgets = {
            "text": forms.TextInput(
                attrs={"placeholder": "Enter a to-do item", "autofocus": True, "autocomplete": "off"},
            ),
        }
        error_messages = {"text": {"required": "You can't have an empty list item"}}

    def __init__(self, *args, for_list=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.for_list = for_list
        if for_list:
            self.instance.list = for_list

    def clean_text(self):
        text = self.cleaned_data["text"]
        if self.for_list and self.for_list.items.filter(text=text).exists():
            raise forms.ValidationError("You've already got this in your list")
        return text
