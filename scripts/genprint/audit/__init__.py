"""Which numbers of a published table can be true: the audit of reported metrics."""
