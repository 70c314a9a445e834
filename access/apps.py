from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.account.signals import password_changed
        from django.contrib.auth.signals import user_logged_in

        from access import generated

        user_logged_in.connect(generated.note_sign_in, dispatch_uid="access.generated")
        password_changed.connect(generated.note_choice, dispatch_uid="access.generated")
