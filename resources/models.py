"""What exists: the inventory, its tags, relations and history, and how fresh each part of it is."""

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from providers.models import Account


class Resource(models.Model):
    """One resource as it was last seen. How fresh that is stands in the Reading of its account, region and kind.

    `public_id` is a function of account, kind, region and native id (and creation time where the cloud reuses names),
    so its uniqueness is theirs. `fingerprint` sums up the stored facts: a listing that brings the same one writes
    nothing. `search_text` holds what a search looks into, one text a line. The cloud's own words lie beside, in
    ResourceAnswer: they are most of the bytes, and a list never reads them.
    """

    public_id = models.CharField(max_length=16, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="resources")
    provider = models.CharField(max_length=32)
    service_type = models.CharField(max_length=32)
    kind = models.CharField(max_length=64)
    region = models.CharField(max_length=64)
    zone = models.CharField(max_length=64, blank=True)
    native_id = models.CharField(max_length=1024)
    name = models.CharField(max_length=1024)
    state = models.CharField(max_length=16)
    native_state = models.CharField(max_length=64, blank=True)
    state_since = models.DateTimeField()
    attributes = models.JSONField(default=dict)
    unknown = models.JSONField(default=dict)
    search_text = models.TextField(default="")
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    protected = models.BooleanField(default=False)
    simulated = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["account", "kind", "region"], name="resources_by_place"),
            models.Index(fields=["state", "name", "id"], name="resources_by_state"),
            models.Index(fields=["name", "id"], name="resources_by_name"),
            models.Index(fields=["region", "name", "id"], name="resources_by_region"),
            models.Index(fields=["kind", "name", "id"], name="resources_by_kind"),
            models.Index(fields=["account", "name", "id"], name="resources_by_account"),
            models.Index(fields=["changed_at", "id"], name="resources_by_change"),
            models.Index(
                Coalesce("created_at", models.Value("0001-01-01 00:00:00"), output_field=models.DateTimeField()),
                "id",
                name="resources_by_creation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def raw(self) -> dict[str, Any]:
        """The cloud's own answer, without its secret parts. Read when it is asked for."""
        answer = ResourceAnswer.objects.filter(pk=self.pk).first()
        return dict(answer.raw) if answer else {}


class ResourceAnswer(models.Model):
    """What the cloud said of one resource, in its own words and without its secret parts."""

    resource = models.OneToOneField(Resource, on_delete=models.CASCADE, related_name="answer", primary_key=True)
    raw = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"answer about {self.resource_id}"


class ResourceTag(models.Model):
    """One tag of one resource, as a row, so that it can be filtered by."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=1024)
    value = models.CharField(max_length=1024, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "key"], name="one_value_per_tag")]
        indexes = [models.Index(fields=["key", "value", "resource"], name="tags_by_key_and_value")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class ResourceRelation(models.Model):
    """An edge from a resource to something named by its native id, whether that is in the inventory or not."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="relations")
    edge = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    native_id = models.CharField(max_length=1024)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "edge", "kind", "native_id"], name="one_row_per_edge")
        ]
        indexes = [models.Index(fields=["native_id", "kind"], name="relations_by_target")]

    def __str__(self) -> str:
        return f"{self.resource} {self.edge} {self.native_id}"


class ResourceChange(models.Model):
    """One fact that changed: what, from, to, when, and whether a listing or an operation of ours saw it."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    fact = models.CharField(max_length=1100)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    source = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["resource", "-at"], name="changes_newest")]

    def __str__(self) -> str:
        return f"{self.fact}: {self.before} → {self.after}"


class Reading(models.Model):
    """How fresh one part of the inventory is: one account, region and kind; no region for kinds without regions.

    A place is read when it is due and nobody holds its lease; each claim raises the fence, so that a reader that slept
    past its lease stores nothing more. The kind "region" stands for the account's list of regions itself.
    """

    class State(models.TextChoices):
        NEVER = "never", "Not read yet"
        RUNNING = "running", "Being read"
        COMPLETE = "complete", "Complete"
        REFUSED = "refused", "Refused"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="readings")
    region = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.NEVER)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    count = models.PositiveIntegerField(default=0)
    unreadable = models.JSONField(default=list)
    error = models.JSONField(null=True)
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "region", "kind"], name="one_reading_per_place")]

    def __str__(self) -> str:
        return f"{self.account} {self.region} {self.kind}: {self.state}"
