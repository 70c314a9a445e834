"""The form of a credential, made from its cloud's row. A secret goes in and never comes back out."""

from collections.abc import Mapping
from typing import Any

from django import forms

from providers.credential_forms import seems_secret
from providers.drivers.kind import Cloud, Field, Method
from vocabulary.types import Secrets

PREFIX = "field-"


class ShownInput(forms.TextInput):
    """A box whose text comes back with a refused form, unless a secret was pasted into it."""

    def format_value(self, value: Any) -> str | None:
        """What the box holds when it is shown."""
        return None if seems_secret(str(value or "").strip()) else super().format_value(value)


class SignInForm(forms.Form):
    """Name, fields of one way to sign in, region and endpoint. `only_fields`: a credential's secret is replaced."""

    def __init__(
        self,
        tables: Cloud,
        method: Method,
        data: Mapping[str, Any] | None = None,
        *,
        only_fields: bool = False,
        shown: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, auto_id="sign-in-%s")
        self.method = method
        if not only_fields:
            help_text = "Everybody in the team sees it: no secret in it."
            self.fields["name"] = forms.CharField(label="Name", max_length=128, help_text=help_text, widget=ShownInput)
        for one in method.fields:
            self.fields[PREFIX + one.name] = _field(one, (shown or {}).get(one.name, ""))
        if not only_fields:
            home = f"Where it signs in first. Empty: {tables.home_region}."
            self.fields["region"] = forms.CharField(
                label="Region", required=False, max_length=64, help_text=home, widget=ShownInput
            )
            where = f"Empty: {tables.title} itself. “sandbox”: the simulated cloud of this installation."
            self.fields["endpoint"] = forms.CharField(
                label="Endpoint", required=False, help_text=where, widget=ShownInput
            )

    def given(self) -> Mapping[str, str]:
        """The fields of the way to sign in, by their own names. Call it after is_valid()."""
        values = {one.name: self.cleaned_data.get(PREFIX + one.name, "") for one in self.method.fields}
        return Secrets({name: value for name, value in values.items() if value})


def _field(one: Field, present: str) -> forms.Field:
    attributes = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
    widget: forms.Widget = ShownInput(attrs=attributes)
    if one.secret:
        widget = forms.PasswordInput(render_value=False, attrs=attributes)
    help_text = one.help or ("It is encrypted, and never shown again." if one.secret else "")
    return forms.CharField(
        label=one.title,
        required=one.required,
        help_text=help_text,
        widget=widget,
        strip=not one.secret,
        initial="" if one.secret else present,
    )
