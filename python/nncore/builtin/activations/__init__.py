"""Built-in activations, one file each."""
