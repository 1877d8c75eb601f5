"""Built-in layers, one file each."""
