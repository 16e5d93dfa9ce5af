"""Brain-inspired models: associative memories and layers that learn."""

from canns.models.brain_inspired.bidirectional import BidirectionalAssociativeMemory
from canns.models.brain_inspired.boltzmann import BoltzmannMachine
from canns.models.brain_inspired.continuous import ContinuousHopfieldNetwork
from canns.models.brain_inspired.dense import DenseAssociativeMemory
from canns.models.brain_inspired.diluted import DilutedHopfieldNetwork
from canns.models.brain_inspired.energy_model import EnergyModel
from canns.models.brain_inspired.group import BrainInspiredModelGroup
from canns.models.brain_inspired.hierarchical import HierarchicalAssociativeMemory
from canns.models.brain_inspired.hopfield import AmariHopfieldNetwork
from canns.models.brain_inspired.layer import FeedForwardLayer
from canns.models.brain_inspired.layered_hopfield import LayeredHopfieldNetwork
from canns.models.brain_inspired.linear import LinearLayer
from canns.models.brain_inspired.model import BrainInspiredModel
from canns.models.brain_inspired.modern import ModernHopfieldNetwork
from canns.models.brain_inspired.network_run import NetworkRun, NetworkSamples, NetworkSpikes
from canns.models.brain_inspired.neuron_layer import NeuronLayer
from canns.models.brain_inspired.pairs import Pairs
from canns.models.brain_inspired.pattern_memory import PatternMemory
from canns.models.brain_inspired.potts import PottsNetwork
from canns.models.brain_inspired.predictive_coding import PredictiveCodingNetwork
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.models.brain_inspired.restricted_boltzmann import RestrictedBoltzmannMachine
from canns.models.brain_inspired.sequence import SequenceNetwork
from canns.models.brain_inspired.sparse import SparseHopfieldNetwork
from canns.models.brain_inspired.spiking import SpikingLayer
from canns.models.brain_inspired.spiking_network import SpikingNetwork
from canns.models.brain_inspired.stack import LayerStack
from canns.models.brain_inspired.willshaw import WillshawNetwork

__all__ = [
    "AmariHopfieldNetwork",
    "BidirectionalAssociativeMemory",
    "BoltzmannMachine",
    "BrainInspiredModel",
    "BrainInspiredModelGroup",
    "ContinuousHopfieldNetwork",
    "DenseAssociativeMemory",
    "DilutedHopfieldNetwork",
    "EnergyModel",
    "FeedForwardLayer",
    "HierarchicalAssociativeMemory",
    "LayerStack",
    "LayeredHopfieldNetwork",
    "LinearLayer",
    "ModernHopfieldNetwork",
    "NetworkRun",
    "NetworkSamples",
    "NetworkSpikes",
    "NeuronLayer",
    "Pairs",
    "PatternMemory",
    "PottsNetwork",
    "PredictiveCodingNetwork",
    "RecurrentNetwork",
    "RestrictedBoltzmannMachine",
    "SequenceNetwork",
    "SparseHopfieldNetwork",
    "SpikingLayer",
    "SpikingNetwork",
    "WillshawNetwork",
]
