"""Charts of a table: from columns to marks, for the window and for reports."""
