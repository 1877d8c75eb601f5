"""Settings of all tests."""

from hypothesis import settings

# A busy machine may take a second for what takes a millisecond: how long an example takes says nothing.
settings.register_profile("nncore", deadline=None)
settings.load_profile("nncore")
