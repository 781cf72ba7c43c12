"""The issue: the structured content of one month, and the settings of the publication that it belongs to.

It hands on models that hold nothing a letter could not show: each field says what it accepts, and an error names the
rule. It must never know YAML, HTML or a file of the disk, apart from the pictures that it measures. The names of its
models and fields are in the JSON Schema that editors' tools read: they are not renamed.
"""

from pvd_mailer.issue.issue import Issue
from pvd_mailer.issue.publication import Publication

__all__ = ["Issue", "Publication"]
