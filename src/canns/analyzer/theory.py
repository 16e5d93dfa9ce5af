"""Theory to set beside a simulation."""

from canns.dynamics import storage_capacity

__all__ = ["storage_capacity"]
