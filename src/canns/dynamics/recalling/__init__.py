"""The recall loop and its results."""

from canns.dynamics.recalling.loop import room_for
from canns.dynamics.recalling.recall import recall_to_last

__all__ = ["recall_to_last", "room_for"]
