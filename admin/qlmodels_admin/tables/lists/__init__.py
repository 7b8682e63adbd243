"""What users choose of a list: its columns."""
