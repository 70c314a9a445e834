from django.db import migrations

from resources import search_index


def install(apps, schema_editor):
    search_index.install(schema_editor.connection)


def remove(apps, schema_editor):
    search_index.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("resources", "0002_answers_places_and_search")]

    operations = [migrations.RunPython(install, remove)]
