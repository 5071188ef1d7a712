"""What a configuration asks for: runs, files and what their jobs need. Nothing here imports numpy."""
