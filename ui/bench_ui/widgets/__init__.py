"""Small parts that several panels use: colours, texts of fixed width, numbers as text, tables."""
