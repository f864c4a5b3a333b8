"""Takes catalogues and what viewers did from CSV files: in batches, resumable, repeatable."""
