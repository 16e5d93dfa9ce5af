"""Several devices and processes: arrays are placed, and the same code runs.

JAX partitions compiled code by the placement of its arguments, and adds the communication. Every
process runs the same program.
"""

from canns.parallel._cluster import initialize
from canns.parallel._mesh import make_mesh, shard

__all__ = ["initialize", "make_mesh", "shard"]
