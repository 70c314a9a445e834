"""The database itself refuses to change or delete an audit record."""

from django.db import migrations

REFUSE = {
    "sqlite": (
        """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON access_auditrecord
           BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END""",
        """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON access_auditrecord
           BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'audit records are append-only'; END $$""",
        """CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON access_auditrecord
           FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()""",
    ),
}


def refuse_changes(apps, schema_editor):
    for statement in REFUSE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def allow_changes(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER audit_is_not_changed")
        schema_editor.execute("DROP TRIGGER audit_is_not_deleted")
    else:
        schema_editor.execute("DROP TRIGGER audit_is_kept ON access_auditrecord")
        schema_editor.execute("DROP FUNCTION audit_is_append_only()")


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunPython(refuse_changes, allow_changes)]
