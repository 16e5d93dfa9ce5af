"""Pair-based STDP with its own traces: which spikes form pairs, and the weight dependence."""

from typing import ClassVar, Literal

import jax.numpy as jnp

from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity.dependence import Additive, WeightDependence
from canns.plasticity.rule import Memory, Reads, Rule, Side
from canns.plasticity.rules.stdp import COINCIDENCES, Coincidence
from canns.plasticity.rules.traces import advance
from canns.plasticity.start_weights import warn_outside
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["PAIRINGS", "PairSTDP", "Pairing"]

Pairing = Literal["all", "nearest", "pre_centred", "reduced"]
PAIRINGS: tuple[Pairing, ...] = ("all", "nearest", "pre_centred", "reduced")


@pytree
class PairSTDP(Rule):
    r"""Pair-based STDP with its own traces, and a choice of pairing and weight dependence.

    .. math::
        \Delta W = \eta \Big( A_+ f_+(W) \sum_{t_{post} \ge t_{pre}} e^{-(t_{post} -
        t_{pre})/\tau_+} - A_- f_-(W) \sum_{t_{post} < t_{pre}}
        e^{-(t_{pre} - t_{post})/\tau_-} \Big)

    The sums are over the pairs that ``pairing`` selects; a pair takes effect at its later spike.
    The rule reads spikes, 0 or 1, so it suits any neuron that fires. For "all" and "nearest" each
    neuron has one trace. In the other pairings a spike uses up its partner's trace, so each pair
    of neurons has a trace, (out, in).

    In steps of dt, with :math:`\lambda_\pm = e^{-dt/\tau_\pm}`, a single pair changes the weight,
    for an eta and f of 1, by

    - "mid": :math:`A_+ \lambda_+^{d + 1/2}` if the postsynaptic spike is in the same step (d = 0)
      or d steps later, :math:`-A_- \lambda_-^{d - 1/2}` if it is d steps earlier. The spikes fall
      anywhere within their steps, and in one step the input comes first.
    - "ltp": :math:`A_+ \lambda_+^d`, :math:`A_+` in the same step, :math:`-A_- \lambda_-^d`.
    - "both": as "ltp", but :math:`A_+ - A_-` in the same step.
    - "none": as "ltp", but 0 in the same step.

    "mid" keeps the balance of continuous time at any dt: for independent trains of p and q spikes a
    step and "all", the mean change of a step is
    :math:`p q\,(A_+ / 2\sinh(dt/2\tau_+) - A_- / 2\sinh(dt/2\tau_-))`, which is
    :math:`(A_+ \tau_+ - A_- \tau_-)\, p q / dt` up to the share :math:`(dt/\tau)^2/24`. The others
    suit spikes at exact times on the grid; "ltp" shifts the balance towards potentiation by the
    share :math:`dt/\tau`.

    Args:
        learning_rate: Eta.
        A_plus: Potentiation of a pair without delay.
        A_minus: Depression of a pair without delay.
        tau_plus: Time constant of potentiation in ms.
        tau_minus: Time constant of depression in ms.
        dt: Length of a step in ms; None for the time step of the neuron, or 1 ms if it has none.
        pairing: "all": each spike pairs with all earlier spikes of the other side. "nearest": each
            spike pairs with the last earlier spike of the other side. "pre_centred": each
            presynaptic spike pairs with the last postsynaptic spike and the next. "reduced": as
            "pre_centred", but only immediate neighbours, so that each spike is in at most one
            pair of either kind.
        coincidence: How a pair within one step counts. "mid": only as potentiation, because within
            a step the input precedes the spike that it causes, and half a step apart. "ltp": only
            as potentiation, and at the same time. "both": as potentiation and depression. "none":
            not at all.
        dependence: How the change depends on the weight.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Recorded
        >>> from canns.plasticity import learn, Setup
        >>> rule = PairSTDP(1.0, 0.5, 0.5, tau_plus=10.0)  # 0.5 exp(-10.5/10)
        >>> trains = jnp.zeros((11, 2)).at[0, 0].set(1).at[10, 1].set(1)
        >>> round(float(learn(Setup(rule, Recorded()), jnp.zeros((1, 1)), trains).weights[0, 0]), 4)
        0.175

    Source: Song, Miller & Abbott (2000), Nat. Neurosci. 3:919 (the numbers); Morrison, Diesmann
    & Gerstner (2008), Biol. Cybern. 98:459, fig. 7 (pairing).
    """

    learning_rate: float = param(default=1.0, low=0)
    A_plus: float = param(default=0.005, low=0)
    A_minus: float = param(default=0.00525, low=0)
    tau_plus: float = param(default=20.0, low=0, open_low=True)
    tau_minus: float = param(default=20.0, low=0, open_low=True)
    dt: float | None = param(default=None, low=0, open_low=True)
    pairing: Pairing = static(default="all", choices=PAIRINGS)
    coincidence: Coincidence = static(default="mid", choices=COINCIDENCES)
    dependence: WeightDependence = Additive()

    own_memory: ClassVar[bool] = True

    reads: ClassVar[Reads | None] = "spikes"
    reads_pre: ClassVar[Reads] = "spikes"

    @property
    def memory_attrs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The traces. Their names contain the pairing: no other pairing can use them."""
        return f"pair_plus_{self.pairing}", f"pair_minus_{self.pairing}"

    @property
    def traces(self) -> tuple[str, ...]:  # type: ignore[override]
        """All of the memory."""
        return self.memory_attrs

    @property
    def local(self) -> tuple[Side, ...]:  # type: ignore[override]
        """One trace for each input and each neuron, or for each synapse whose spikes use it up."""
        plus: Side = "pair" if self.pairing in ("pre_centred", "reduced") else "pre"
        return plus, "pair" if self.pairing == "reduced" else "post"

    def validate(self) -> None:
        """Check the intervals, the names of the conventions, and the weight dependence."""
        super().validate()
        given: object = self.dependence
        if not isinstance(given, WeightDependence):
            raise ValidationError(
                "dependence", "a weight dependence, such as Additive()", repr(given)
            )
        self.dependence.validate()

    def check_weights(self, weights: PyTree) -> None:
        """Warn if weights are outside the range of the weight dependence."""
        super().check_weights(weights)
        if not isinstance(self.dependence, Additive):
            whose = type(self.dependence).__name__
            effect = "whose factors there have the wrong sign or none"
            warn_outside(weights, *self.dependence.range, whose, effect)

    def init(self, weights: Array) -> Memory:
        """Return empty traces."""
        out, in_ = (jnp.zeros(size, weights.dtype) for size in weights.shape)
        pairs = jnp.zeros_like(weights)
        plus = pairs if self.pairing in ("pre_centred", "reduced") else in_
        return plus, pairs if self.pairing == "reduced" else out

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the traces after this step, and the change due to the pairs that end in it."""
        x, s = activity.pre, activity.post[:, None]
        mid = self.coincidence == "mid"
        earlier, plus = advance(
            memory[0],
            x,
            self.dt,
            self.tau_plus,
            replaces=self.pairing in ("nearest", "reduced"),
            joins=self.coincidence != "none",
            mid=mid,
            used_by=s if self.pairing in ("pre_centred", "reduced") else None,
        )
        later, minus = advance(
            memory[1].reshape(len(s), -1),
            s,
            self.dt,
            self.tau_minus,
            replaces=self.pairing != "all",
            joins=self.coincidence == "both",
            mid=mid,
            used_by=x if self.pairing == "reduced" else None,
        )
        ltp = self.A_plus * self.dependence.potentiation(weights) * (s * earlier)
        ltd = self.A_minus * self.dependence.depression(weights) * (later * x)
        return (plus, minus.reshape(memory[1].shape)), self.learning_rate * (ltp - ltd)
