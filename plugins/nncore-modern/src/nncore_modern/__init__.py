"""Networks from after the first ResNets, for nncore: wide and pre-activation ResNets to transformers."""
