"""What logs say → a page for people who would rather look than read: one file, no scripts."""
