"""One change a file: `r0001_…`, `r0002_…`. What has been released is never edited; the next change is a new file."""
