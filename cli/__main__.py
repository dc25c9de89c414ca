"""`python -m cli`: the same as `leap`."""

import sys

from cli.main import main

sys.exit(main())
