"""More than one device, and more than one process: arrays are placed, and the same code runs.

JAX partitions what is compiled by where its arguments are, and adds the communication. Programs run
the same lines in each process.
"""

from canns.parallel._cluster import initialize
from canns.parallel._mesh import make_mesh, shard

__all__ = ["initialize", "make_mesh", "shard"]
