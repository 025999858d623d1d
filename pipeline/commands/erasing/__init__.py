"""What goes before its term or at its end, from the rows, the files and after a restore."""
