"""The recall loop and its results."""

from canns.dynamics.recalling.load import in_pieces, load_of
from canns.dynamics.recalling.loop import room_for
from canns.dynamics.recalling.prepared import prepare
from canns.dynamics.recalling.recall import recall_to_last

__all__ = ["in_pieces", "load_of", "prepare", "recall_to_last", "room_for"]
