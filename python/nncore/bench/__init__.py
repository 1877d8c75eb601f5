"""What is measured of whole steps. The workers run as programs, the peers' in an environment that need not have nncore."""
