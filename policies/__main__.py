"""Where the engine starts the pack, by the folder's path and in the pack's own environment."""

import sys
from pathlib import Path

# The engine puts this folder on the path; what we import lives one above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi_policy import EnforcementLevel, PolicyPack  # after the path is set

from policies.pack import policies  # after the path is set

PolicyPack(name="leap", policies=policies(), enforcement_level=EnforcementLevel.MANDATORY)
