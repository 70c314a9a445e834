"""The look alone: templates without the navigation's query, so that these tests need no database."""

from copy import deepcopy

import pytest
from django.conf import settings as real
from django.template import engines

WITHOUT_DATABASE = [
    "django.template.context_processors.request",
    "django.contrib.messages.context_processors.messages",
]


@pytest.fixture
def render(settings):
    """Render template text, as a page does."""
    templates = deepcopy(real.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"] = WITHOUT_DATABASE
    settings.TEMPLATES = templates

    def rendered(text, **context):
        return engines["django"].from_string("{% load components %}" + text).render(context)

    return rendered
