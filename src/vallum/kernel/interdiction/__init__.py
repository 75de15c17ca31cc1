"""Exact games on a network: where to reinforce, where to patrol, what to commit to.

Every answer comes with its bound. The attacker always knows what was chosen and answers best.
"""

from vallum.kernel.interdiction.commit import commitment
from vallum.kernel.interdiction.evasion import evasion, evasion_value
from vallum.kernel.interdiction.flow import maximum_flow
from vallum.kernel.interdiction.model import Commitment, Interdiction, Patrol, Regret, Way
from vallum.kernel.interdiction.network import reliable_way
from vallum.kernel.interdiction.patrol import patrol
from vallum.kernel.interdiction.priority import regret
from vallum.kernel.interdiction.shortest import shortest_path, shortest_path_value

__all__ = [
    "Commitment",
    "Interdiction",
    "Patrol",
    "Regret",
    "Way",
    "commitment",
    "evasion",
    "evasion_value",
    "maximum_flow",
    "patrol",
    "regret",
    "reliable_way",
    "shortest_path",
    "shortest_path_value",
]
