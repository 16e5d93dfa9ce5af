"""``python -m canns`` is the command line."""

from canns.cli import main

main()
