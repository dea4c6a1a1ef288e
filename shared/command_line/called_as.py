"""The name that the command line was called by; commands that it advises are written with it."""

from __future__ import annotations

import os

# From the executable `agora`. Taken out of the environment: what this process starts is not called so.
VARIABLE = "AGORA_CALLED_AS"
CALLED_AS = os.environ.pop(VARIABLE, "agora")
