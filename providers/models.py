"""Credentials, accounts, operations and the vault's sealed values."""

from django.conf import settings
from django.db import models

from access.models import Team
from providers.journal import OperationState
from vocabulary.types import CloudProvider


class Account(models.Model):
    """What the cloud itself calls account, subscription, project or compartment. Owned by exactly one team."""

    class Mode(models.TextChoices):
        OBSERVE = "observe", "Observe"
        MANAGE = "manage", "Manage"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="accounts")
    provider = models.CharField(max_length=32)
    partition = models.CharField(max_length=32, blank=True)
    native_id = models.CharField(max_length=200)
    name = models.CharField(max_length=128)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.OBSERVE)
    enabled = models.BooleanField(default=True)
    regions = models.JSONField(default=list)
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        # Without the partition: plans, the journal and the audit name an account by `key`, which has none.
        constraints = [models.UniqueConstraint(fields=["provider", "native_id"], name="one_row_per_account")]
        ordering = ["provider", "name"]

    def __str__(self) -> str:
        return f"{self.provider}/{self.name}"

    @property
    def key(self) -> str:
        """The account in plans, journals and the audit: "aws/111111111111"."""
        return f"{self.provider}/{self.native_id}"

    @property
    def provider_title(self) -> str:
        """The cloud's name as a person reads it."""
        return CloudProvider(self.provider).title


class Credential(models.Model):
    """How we sign in. Its secret fields are in the vault; `fields` holds only what may be shown."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="credentials")
    provider = models.CharField(max_length=32)
    name = models.CharField(max_length=128)
    method = models.CharField(max_length=32, default="keys")
    fields = models.JSONField(default=dict)
    default_region = models.CharField(max_length=64)
    priority = models.PositiveIntegerField(default=1)
    cost_factor = models.FloatField(default=1.0)
    performance_factor = models.FloatField(default=1.0)
    endpoint = models.CharField(max_length=2048, blank=True)
    accounts = models.ManyToManyField(Account, related_name="credentials")
    created_at = models.DateTimeField(auto_now_add=True)
    secret_set_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    last_check = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "provider", "name"], name="one_credential_per_name")]
        ordering = ["priority", "provider", "name"]

    def __str__(self) -> str:
        return f"{self.provider}/{self.name}"

    @property
    def holder(self) -> str:
        """The name under which the vault keeps this credential's secrets."""
        return f"credential:{self.pk}"


class SealedKey(models.Model):
    """The data key of one holder of secrets, wrapped by the vault key. `key_id` says by which one."""

    holder = models.CharField(max_length=100, unique=True)
    wrapped = models.BinaryField()
    key_id = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.holder


class SealedSecret(models.Model):
    """One secret value, sealed with its holder's data key and bound to holder and field."""

    key = models.ForeignKey(SealedKey, on_delete=models.CASCADE, related_name="secrets")
    field = models.CharField(max_length=100)
    sealed = models.BinaryField()
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "field"], name="one_secret_per_field")]

    def __str__(self) -> str:
        return f"{self.key.holder}/{self.field}"


class OperationRow(models.Model):
    """One operation as the database keeps it: journal and audit trail of one change. `providers.journal.Operation` is
    its value.
    """

    id = models.CharField(primary_key=True, max_length=32)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="operations")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    actor = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in OperationState])
    verb = models.CharField(max_length=16)
    kind = models.CharField(max_length=64)
    region = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=64, blank=True, db_index=True)
    title = models.CharField(max_length=1100)
    plan = models.JSONField()
    plan_hash = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    step = models.IntegerField(default=0)
    phase = models.CharField(max_length=16, blank=True)
    backwards = models.BooleanField(default=False)
    intended_at = models.DateTimeField(null=True)
    phase_at = models.DateTimeField(null=True)
    known = models.JSONField(default=dict)
    attempts = models.PositiveIntegerField(default=0)
    error = models.JSONField(null=True)
    note = models.TextField(blank=True)
    not_before = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=100, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    undo_of = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "not_before"], name="operations_due"),
            models.Index(fields=["account", "-created_at"], name="operations_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.title} ({self.state})"


class OperationEvent(models.Model):
    """One line of an operation's progress."""

    operation = models.ForeignKey(OperationRow, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.text}"


class ServiceHealth(models.Model):
    """What is known of one account's service in one region: the circuit breaker and the leased budget of calls."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="health")
    service = models.CharField(max_length=64)
    region = models.CharField(max_length=64, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)
    last_error = models.JSONField(null=True)
    last_success_at = models.DateTimeField(null=True)
    budget = models.FloatField(default=0.0)
    budget_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "service", "region"], name="one_health_per_service")]

    def __str__(self) -> str:
        return f"{self.account} {self.service} {self.region}"


class DoctorReport(models.Model):
    """What the last examination of an account found. `report` is `providers.doctor.Report` as plain values."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="doctor_report")
    at = models.DateTimeField()
    status = models.CharField(max_length=8)
    report = models.JSONField()

    def __str__(self) -> str:
        return f"{self.account}: {self.status}"
