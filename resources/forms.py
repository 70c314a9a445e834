"""Forms made from a verb's parameters. What was not changed is not sent: a plan says only what will differ."""

from collections.abc import Mapping
from typing import Any

from django import forms

from providers.drivers.kind import Kind, Param
from resources.models import Resource
from vocabulary.text import is_hidden
from vocabulary.words import Verb

MOST_TAGS = 200
NEW_TAGS = 3
YES_NO = [("", "as it is"), ("true", "yes"), ("false", "no")]


class ChangeForm(forms.Form):
    """The parameters of one verb of one kind, each with its present value."""

    def __init__(self, resource: Resource, kind: Kind, verb: Verb, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="change-%s")
        self.present = {"name": resource.name, **resource.attributes}
        self.params = [param for param in kind.params.get(verb, ()) if param.type != "tags"]
        for param in self.params:
            self.fields[param.name] = _field(param, self.present.get(param.name))

    def changed(self) -> dict[str, Any]:
        """The parameters that differ from how things are. Call it after is_valid()."""
        values: dict[str, Any] = {}
        for param in self.params:
            value = self.cleaned_data.get(param.name)
            if value in (None, ""):
                continue
            if param.type in ("texts", "rules"):
                value = [line.strip() for line in value.splitlines() if line.strip()]
            elif param.type == "boolean":
                value = value == "true"
            if param.secret or value != self.present.get(param.name):
                values[param.name] = value
        return values


def _field(param: Param, present: Any) -> forms.Field:
    common: dict[str, Any] = {"label": param.title, "required": False, "help_text": param.help}
    if param.secret:
        hidden = forms.PasswordInput(attrs={"autocomplete": "off"})
        return forms.CharField(**common, widget=hidden, strip=False)
    if param.type == "boolean":
        chosen = {True: "true", False: "false"}.get(present, "")
        return forms.ChoiceField(**common, choices=YES_NO, initial=chosen)
    if param.type == "integer":
        return forms.IntegerField(**common, min_value=param.minimum, max_value=param.maximum, initial=present)
    if param.choices:
        return forms.ChoiceField(**common, choices=[(one, one) for one in param.choices], initial=present)
    if param.type in ("texts", "rules"):
        lines = "\n".join(present) if isinstance(present, list) else ""
        return forms.CharField(**common, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}), initial=lines)
    return forms.CharField(**common, initial=present)


class TagsForm:
    """Tags as rows: a value for each that is there, a box that removes it, and some empty rows for new ones."""

    def __init__(self, resource: Resource, data: Mapping[str, str] | None = None) -> None:
        self.data = data
        present = sorted((tag.key, tag.value) for tag in resource.tags.all())[:MOST_TAGS]
        # A value that a text box would change by itself (a line break) can be removed, but not edited here.
        self.rows = [
            {"key": key, "value": value, "fixed": any(is_hidden(letter) for letter in value)} for key, value in present
        ]
        self.new = range(NEW_TAGS)

    def changed(self) -> dict[str, Any]:
        """The parameter `tags`: those to set, and None for those to remove. A row of which nothing is said stays."""
        data = self.data or {}
        before = {str(row["key"]): row["value"] for row in self.rows}
        tags: dict[str, str | None] = {}
        for index in range(MOST_TAGS):
            key = data.get(f"key_{index}")
            if key is None:
                break
            if data.get(f"remove_{index}"):
                tags[key] = None
            elif f"value_{index}" in data and data[f"value_{index}"] != before.get(key):
                tags[key] = data[f"value_{index}"]
        for index in self.new:
            key = data.get(f"new_key_{index}", "").strip()
            if key:
                tags[key] = data.get(f"new_value_{index}", "")
        return {"tags": tags} if tags else {}
