"""What enforcement tells of itself: counts for those who watch the desk. No ticket and no person stands here."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class EnforcementTally(models.Model):
    """What was done of one kind of row since the desk began, and how late; it only ever grows.

    ``buckets`` counts rows by their lateness, one number for each of ``tickets.enforcement.lateness.BOUNDS`` and a last
    one for what was later still; written in the transaction of the rows that it counts.
    """

    job = models.CharField(max_length=20, primary_key=True)
    rows = models.BigIntegerField(default=0)
    late_seconds = models.FloatField(default=0)
    buckets = ArrayField(models.BigIntegerField(), default=list)
    failures = models.BigIntegerField(default=0)
    last_done_at = models.DateTimeField(null=True, blank=True)
    last_failed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.job}: {self.rows}"


class EnforcementPass(models.Model):
    """One row: how many passes there were, and what the last one was like."""

    passes = models.BigIntegerField(default=0)
    last_ended_at = models.DateTimeField()
    last_seconds = models.FloatField()
    last_rows = models.IntegerField()
    last_failed = models.IntegerField()

    class Meta:
        verbose_name_plural = "enforcement passes"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="enforcement_one_last_pass")]

    def __str__(self) -> str:
        return f"{self.passes} passes"
