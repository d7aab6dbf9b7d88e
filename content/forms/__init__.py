"""What the editing forms check across rows: one module per noun."""
