"""The Amari-Hopfield network."""

from functools import partial
from typing import ClassVar

import numpy as np
from jax.typing import ArrayLike

from canns._capacity import storage_capacity
from canns._names import Alias, renamed
from canns._validation import (
    check_choice,
    check_flag,
    check_matrix,
    check_size,
    check_vector,
    float_dtype,
)
from canns.dynamics import (
    ACTIVATIONS,
    Activation,
    ActivationName,
    Clamped,
    Hopfield,
    TieRule,
    UpdateOrder,
    activate,
    check_signs,
    largest_eigenvalue,
    no_patterns,
)
from canns.dynamics.couplings import cut_stored, to_device
from canns.models.boxes import FastState
from canns.models.brain_inspired.coupling_box import CouplingBox, patterns_in
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.models.brain_inspired.method import Load, Method
from canns.models.brain_inspired.pattern_couplings import PatternCoupledNetwork
from canns.models.brain_inspired.resize import patterns_too_short, resized, resized_state
from canns.plasticity import Setup, Storage, learn
from canns.typing import Rows

__all__ = ["AmariHopfieldNetwork"]


class AmariHopfieldNetwork(PatternCoupledNetwork):
    r"""The associative memory of Amari and Hopfield.

    .. math::
        s \leftarrow f(W s - \theta), \qquad E = -\tfrac12 s^T W s + \theta \sum_i s_i

    with f the sign, tanh(x/T) or the logistic function of x/T. Under asynchronous sign
    updates with symmetric weights and no self-connection the energy never rises; synchronous
    ones may end in a 2-cycle, which :meth:`recall` reports.

    Args:
        num_neurons: The number of neurons N.
        asynchronous: Update neuron by neuron instead of all at once.
        threshold: Theta, in the unit of the fields, which is that of W: ``HebbianTrainer`` divides
            by P, most other rules by N. :attr:`critical_temperature` says how large fields are.
        activation: "sign", "tanh" or "sigmoid"; or a function of the field minus the threshold. A
            subclass may also define it, as a property that returns a function. Give the same
            function object each time, because each new one is compiled anew.
        temperature: T > 0: the gain of tanh and sigmoid, the noise of the stochastic mode.
            The sign of x/T does not depend on it. Its unit is that of W: a T of the theory, where
            W is divided by N, is T N/P after ``HebbianTrainer``. Compare it with
            :attr:`critical_temperature`.
        stochastic: Heat-bath (Glauber) neurons, P(s = 1) = 1/(1 + exp(-2h/T)).
        tie: What a sign neuron does if its field is zero: "keep" its state, "plus", "minus".
        update_order: Order of asynchronous updates: "random", drawn anew for each sweep, or
            "cyclic", first to last.
        method: From what a recall computes its fields. "dense": the matrix W. "factored": the
            patterns, as int8 if that is exact, so that W is never built. "packed": the patterns as
            bits, which must have two values; overlaps are counted 32 neurons at a time. "auto": the
            fastest that fits the memory. All give the same states. Hebb's rule, the covariance
            rule and the pseudo-inverse rule store patterns; any other rule, or a matrix written to
            ``W``, makes the network dense.
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range; it is a ValueError.

    Example:
        >>> import numpy as np
        >>> net = AmariHopfieldNetwork(4)
        >>> xi = np.array([1.0, -1.0, 1.0, -1.0])
        >>> net.apply_hebbian_learning([xi])
        >>> net.predict([-1.0, -1.0, 1.0, -1.0]).tolist()
        [1.0, -1.0, 1.0, -1.0]

    Source: Amari (1972), IEEE Trans. Comput. C-21:1197; Hopfield (1982), PNAS 79:2554;
    Hopfield (1984), PNAS 81:3088 (graded neurons).
    """

    asyn: Alias[bool] = Alias("asynchronous")
    order: Alias[UpdateOrder] = Alias("update_order")
    _kept_as: ClassVar[dict[str, str]] = PatternCoupledNetwork._kept_as | {
        "activation": "_activation"
    }

    @renamed(asyn="asynchronous", order="update_order")
    def __init__(
        self,
        num_neurons: int,
        asynchronous: bool = False,
        threshold: float = 0.0,
        activation: ActivationName | Activation = "sign",
        temperature: float = 1.0,
        *,
        stochastic: bool = False,
        tie: TieRule = "keep",
        update_order: UpdateOrder = "random",
        method: Method = "auto",
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.num_neurons = check_size("num_neurons", num_neurons)
        self.asynchronous = check_flag("asynchronous", asynchronous)
        self.stochastic = check_flag("stochastic", stochastic)
        self.threshold = threshold
        self.temperature = temperature
        self.tie = tie
        self.update_order = update_order
        self._activation = activation
        self.valid_dynamics()
        self._create_weights(self.num_neurons, method)
        self.s = FastState(np.ones(self.num_neurons))

    def _load(self, num_patterns: int, two_valued: bool) -> Load:
        """Return the load of ``num_patterns`` patterns in all, for :func:`choose_form`."""
        return Load(
            self.num_neurons,
            num_patterns,
            two_valued,
            self.stochastic or self.dynamics.activation == "sign",
            self.asynchronous,
            float_dtype().itemsize,
        )

    @property
    def dynamics(self) -> Hopfield:
        """The pure dynamics with the network's present hyperparameters."""
        overridden = type(self).activation is not AmariHopfieldNetwork.activation
        return Hopfield(
            threshold=self.threshold,
            temperature=self.temperature,
            activation=self.activation if overridden else self._activation,
            asynchronous=self.asynchronous,
            stochastic=self.stochastic,
            tie=self.tie,
            update_order=self.update_order,
        )

    @property
    def activation(self) -> Activation:
        """The activation as a function of the field minus the threshold."""
        if not isinstance(self._activation, str):
            return self._activation
        return partial(activate, self._activation, temperature=self.temperature)

    @activation.setter
    def activation(self, activation: ActivationName | Activation) -> None:
        if not callable(activation):
            check_choice("activation", activation, ACTIVATIONS, expected="a function, or one of ")
        self._activation = activation

    @property
    def storage_capacity(self) -> int:
        """The number of random patterns that are ALL exact fixed points, N/(4 ln N), at least 1.

        Other criteria: :func:`canns.analyzer.theory.storage_capacity`.

        Source: McEliece, Posner, Rodemich & Venkatesh (1987), IEEE Trans. Inf. Theory 33:461.
        """
        return max(1, int(storage_capacity(self.num_neurons))) if self.num_neurons > 1 else 1

    @property
    def critical_temperature(self) -> float:
        r"""The temperature above which the network recalls nothing at its present weights.

        In mean-field theory activities are :math:`m = \tanh((W m - \theta)/T)`. Without a threshold
        m = 0 is the only solution if T exceeds the largest eigenvalue of W; for the sigmoid, whose
        slope at 0 is 1/4, if it exceeds a quarter of it. For one pattern,
        :math:`W = \xi \xi^T/N`, that is 1, the T of theory; for Hebb's rule divided by P it is N/P.

        With P random patterns it is :math:`(1 + \sqrt{P/N})^2 - P/N` times that, because it counts
        the noise of the other patterns as signal. Patterns are lost at a lower temperature then:
        that of :func:`canns.analyzer.theory.retrieval_temperature`, times 1 or N/P.

        It is also the scale of thresholds, because the field at a recalled pattern is about as
        large. It takes some products of W with a vector, so W is not built. 0 if nothing is stored.

        Example:
            >>> net = AmariHopfieldNetwork(100)
            >>> net.W.value = np.ones((100, 100)) / 100
            >>> round(net.critical_temperature, 4)
            1.0

        Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. A 32:1007; Lehoucq, Sorensen & Yang
        (1998), ARPACK Users' Guide, SIAM.
        """
        largest = largest_eigenvalue(self.valid_dynamics(), self.couplings, self.num_neurons)
        return largest / 4 if self._activation == "sigmoid" else largest

    def compute_overlap(self, pattern1: ArrayLike, pattern2: ArrayLike) -> float:
        """Return the overlap of two patterns, their product over N.

        Args:
            pattern1: Of shape (N,).
            pattern2: Of shape (N,).
        """
        code = self.dynamics.code
        a = code.check("pattern1", check_vector("pattern1", pattern1, self.num_neurons))
        b = code.check("pattern2", check_vector("pattern2", pattern2, self.num_neurons))
        return np.float64(a @ b) / self.num_neurons

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store patterns by the centred Hebbian rule, divided by their number.

        Args:
            train_data: One pattern per row, (P, N), of -1 and 1, or of any two values.
        """
        remedy = f"The network has {self.num_neurons} neurons; resize it to store others."
        patterns = check_matrix("train_data", train_data, self.num_neurons, remedy=remedy)
        check_signs("train_data", patterns, centred=True)
        rule, project, inputs = Storage().plan(patterns)
        setup = Setup(rule, Clamped(), project)
        form = self.plan_storage(setup, inputs)
        if form is None:
            self.W.value = learn(setup, self.W.value, inputs).weights
        else:
            self.store_as_patterns(setup, inputs, form)

    @all_or_nothing
    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons; the state of new neurons is +1.

        Args:
            num_neurons: The new N.
            preserve_submatrix: Keep the weights among the neurons that stay (the top left
                block, without self-connections); else start from zero weights.

        Raises:
            ValidationError: If stored patterns have no values for the new neurons, or the matrix
                does not fit the memory.
        """
        size = check_size("num_neurons", num_neurons)
        keeps = check_flag("preserve_submatrix", preserve_submatrix)
        stored = patterns_in(self.W)
        nothing = stored is not None and stored.num_patterns == 0
        if (nothing or not keeps) and isinstance(self.W, CouplingBox):
            self.W.stored = no_patterns(size, float_dtype())
        elif stored is not None and size <= self.num_neurons:
            self.W.stored = to_device(cut_stored(stored, size))
        elif self.only_patterns:
            raise patterns_too_short(self.num_neurons, size, "or take method='dense'.")
        else:
            weights, _ = resized(self.W.value, self.s.value, size, preserve=keeps, rest=1.0)
            np.fill_diagonal(weights, 0.0)
            self.W.value = weights
        self.s.value = resized_state(self.s.value, size, rest=1.0)
        self.num_neurons = size
