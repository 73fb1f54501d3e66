"""What came in from elsewhere: import runs and their staging rows."""

from django.db import models
from django.utils import timezone


class ImportRun(models.Model):
    """One run of ``import_tickets`` over one file."""

    source = models.CharField(max_length=60)
    file_name = models.CharField(max_length=255)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    is_dry = models.BooleanField(default=False)
    first_response_from = models.CharField(
        max_length=160, blank=True, help_text="The activity that stands in for the first response; reports say so"
    )

    def __str__(self) -> str:
        return f"{self.file_name} {self.started_at:%Y-%m-%d %H:%M}"


class StagedRow(models.Model):
    """One row of the file on its way to a ticket; a case's rows lie scattered, so they are gathered here first."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows", db_index=False)
    case_id = models.CharField(max_length=160)
    line = models.PositiveBigIntegerField()
    at = models.DateTimeField(null=True, blank=True)
    values = models.JSONField()
    raw = models.TextField(blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["run", "case_id", "at", "line"], name="staged_case")]

    def __str__(self) -> str:
        return f"{self.case_id} line {self.line}"


class ImportedCase(models.Model):
    """A case that became a ticket, with a digest of its rows: the same rows again change nothing."""

    source = models.CharField(max_length=60)
    case_id = models.CharField(max_length=160)
    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.PROTECT, related_name="imported_case")
    digest = models.CharField(max_length=64)
    facts = models.PositiveIntegerField(default=0, help_text="How many rows or messages the digest covers, in order")
    state = models.CharField(max_length=10, blank=True, help_text="A state of which the source tells no time")
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "case_id"], name="imported_case_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.case_id}"
