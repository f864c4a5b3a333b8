"""What visitors open besides pages, one module per subject."""
