"""Trainers of the Hebbian and the anti-Hebbian rule."""

from typing import ClassVar

import jax.numpy as jnp

from canns._validation import check_flag, check_real
from canns._warnings import warn
from canns.errors import ValidationError
from canns.models.training import (
    Adapter,
    Learnable,
    adapt,
    box_of,
    can_resize,
    find_box,
    is_blank,
    is_layer,
    shape_of,
    state_box,
    stores_by_hebb,
    weight_name,
)
from canns.plasticity import AntiHebbian, Hebbian, Identity, Storage
from canns.plasticity.learning import Plan
from canns.trainer.learning import LearningTrainer
from canns.typing import AnyArray, Array, StateBox

__all__ = ["AntiHebbianTrainer", "HebbianTrainer"]


class HebbianTrainer(LearningTrainer):
    r"""Store patterns in a recurrent network, or train a feed-forward layer, by Hebb's rule.

    .. math::
        W \leftarrow W + \frac{\eta}{P} \sum_\mu (x^\mu - \rho)(x^\mu - \rho)^T, \qquad W_{ii} = 0

    with rho the mean over all entries of all patterns. A model with a ``forward`` is a feed-forward
    layer and learns by the plain rule, :math:`\Delta W = \eta\, y x^T`, sample by sample, without
    centring, averaging or an empty diagonal. If the patterns have another length than the network,
    the trainer calls the network's ``resize`` first; if that drops neurons that have stored
    something, it warns. So it does for cues of another length.

    Args:
        model: A recurrent network, a layer, or a user's object with a weights box.
        show_iteration_progress: Show a progress bar while training or recalling.
        compiled_prediction: Recall in compiled code; False runs the same code un-jitted.
        weight_attr: Name of the weights box; None, or "W" on a model without a ``W``, for the
            model's own ``weight_attr``.
        subtract_mean: Centre the patterns by rho; else rho = 0.
        zero_diagonal: Remove self-connections after storage.
        normalize_by_patterns: Divide by the number of patterns P; else by 1.
        prefer_generic: Store by the formula above; False calls the model's own
            ``apply_hebbian_learning``. That is also called if the weights are not square, or if the
            network stores in another way, such as a Willshaw network.
        state_attr: Name of the state box; None for the model's own ``predict_state_attr``.
        prefer_generic_predict: Recall by the library's driver; False calls the model's own
            ``predict(pattern)``, without the options of the recall.
        preserve_on_resize: Keep the stored patterns when the model resizes.
        learning_rate: Eta.
        compiled: Train in compiled code; False runs the same code un-jitted.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import AmariHopfieldNetwork
        >>> trainer = HebbianTrainer(AmariHopfieldNetwork(4))
        >>> record = trainer.train([np.array([1.0, -1.0, 1.0, -1.0])])
        >>> trainer.predict(np.array([-1.0, -1.0, 1.0, -1.0])).tolist()
        [1.0, -1.0, 1.0, -1.0]

    Source: Hebb (1949), The Organization of Behavior; Hopfield (1982), PNAS 79:2554.
    """

    _rule: ClassVar[type[Hebbian] | type[AntiHebbian]] = Hebbian

    def __init__(
        self,
        model: object,
        show_iteration_progress: bool = False,
        compiled_prediction: bool = True,
        *,
        weight_attr: str | None = "W",
        subtract_mean: bool = True,
        zero_diagonal: bool = True,
        normalize_by_patterns: bool = True,
        prefer_generic: bool = True,
        state_attr: str | None = None,
        prefer_generic_predict: bool = True,
        preserve_on_resize: bool = True,
        learning_rate: float = 1.0,
        compiled: bool = True,
    ) -> None:
        super().__init__(
            model,
            weight_attr=weight_attr,
            state_attr=state_attr,
            compiled=compiled,
            show_iteration_progress=show_iteration_progress,
            compiled_prediction=compiled_prediction,
        )
        self.subtract_mean = check_flag("subtract_mean", subtract_mean)
        self.zero_diagonal = check_flag("zero_diagonal", zero_diagonal)
        self.normalize_by_patterns = check_flag("normalize_by_patterns", normalize_by_patterns)
        self.prefer_generic = check_flag("prefer_generic", prefer_generic)
        self.prefer_generic_predict = check_flag("prefer_generic_predict", prefer_generic_predict)
        self.preserve_on_resize = check_flag("preserve_on_resize", preserve_on_resize)
        self.learning_rate = check_real("learning_rate", learning_rate, low=0)

    def _answers_in_one_call(self) -> bool:
        return not self.prefer_generic_predict or is_layer(self.model)

    def _answer(self, pattern: AnyArray) -> Array:
        if self.prefer_generic_predict:
            return super()._answer(pattern)
        return jnp.asarray(self.model.predict(pattern))

    def _fit_cues(self, name: str, box: StateBox, shape: tuple[int, ...]) -> StateBox:
        size, wanted = box.value.shape[0], shape[1]
        if not can_resize(self.model):
            return super()._fit_cues(name, box, shape)
        warn(
            f"{type(self.model).__name__} of {size} neurons is resized to {wanted}, the length of "
            f"the {name}.",
            "Call its resize first if that is meant, or give cues of its length.",
        )
        self.model.resize(wanted, preserve_submatrix=self.preserve_on_resize)
        return state_box(self.model, self.state_attr, type(self).__name__)

    def _adapted(self) -> Learnable:
        return adapt(self.model, by_hook=self._by_hook(), needed_by=type(self).__name__)

    def _plan(self, model: Learnable, data: AnyArray) -> Plan:
        rule = self._rule(check_real("learning_rate", self.learning_rate, low=0))
        if model.feeds_forward:
            return self._plan_for(model, rule, Identity(), data)
        name = weight_name(self.model, self.weight_attr)
        self._fit_size(model, name, *data.shape)
        if isinstance(model, Adapter) and model.by_hook:
            return self._plan_for(model, rule, Identity(), data)
        storage = Storage(
            self._rule,
            subtract_mean=self.subtract_mean,
            zero_diagonal=self.zero_diagonal,
            normalize_by_patterns=self.normalize_by_patterns,
            learning_rate=rule.learning_rate,
        )
        plan = self._plan_for(model, *storage.plan(data), weight_attr=name)
        if self.subtract_mean or self.normalize_by_patterns:
            advice = "Or set subtract_mean=False and normalize_by_patterns=False."
            plan = plan._replace(reads_all=advice, given=data if self.subtract_mean else None)
        return plan

    def _by_hook(self) -> bool:
        """Whether to store by the model's own ``apply_hebbian_learning``."""
        if self.prefer_generic and is_layer(self.model):
            return False
        if self.weight_attr not in (None, "W"):  # a box that the user named must exist
            box_of(self.model, self.weight_attr, type(self).__name__)
        return not (self.prefer_generic and stores_by_hebb(self.model, self.weight_attr))

    def _fit_size(self, model: Learnable, weight_attr: str, count: int, wanted: int) -> None:
        """Call the network's ``resize`` if the ``count`` patterns have another length.

        Warn if neurons are dropped that have stored something, or if the patterns, one a column,
        would fit the network.
        """
        size = model.width(weight_attr)
        if size is None:  # the model's own rule stores: its state, if any, has the size
            named = self.state_attr or getattr(self.model, "predict_state_attr", None)
            box = None if named is None else find_box(self.model, named)
            size = wanted if box is None else shape_of(box)[0]
        if size == wanted:
            return
        if not can_resize(self.model):
            raise ValidationError(
                "train_data",
                f"2-D of shape (patterns, {size})",
                f"patterns of length {wanted}",
                f"{type(self.model).__name__} has no resize(num_neurons, preserve_submatrix).",
            )
        weights = find_box(self.model, weight_attr)
        holds = weights is not None and not is_blank(weights)
        if wanted < size and (holds or count == size):
            warn(
                f"{type(self).__name__} shrinks {type(self.model).__name__} from {size} neurons to "
                f"{wanted}, for patterns of that length; what the others have stored is lost.",
                "Give one pattern a row: if they are in columns, train on their transpose. To "
                "shrink the network on purpose, call its resize first.",
            )
        self.model.resize(wanted, preserve_submatrix=self.preserve_on_resize)


class AntiHebbianTrainer(HebbianTrainer):
    r"""Remove patterns from a recurrent network, or decorrelate a layer, by the opposite rule.

    .. math::
        W \leftarrow W - \frac{\eta}{P} \sum_\mu (x^\mu - \rho)(x^\mu - \rho)^T, \qquad W_{ii} = 0

    On the patterns that a network has stored, and with the options that stored them, it undoes
    :class:`HebbianTrainer`. To remove one of several patterns, store and remove with
    ``subtract_mean=False, normalize_by_patterns=False``, because rho and P depend on the whole set.

    Args:
        model: See :class:`HebbianTrainer`.
        **options: Options of :class:`HebbianTrainer`, except ``prefer_generic``: a model's own
            rule can only store.

    Raises:
        ValidationError: If ``prefer_generic`` is False.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import AmariHopfieldNetwork
        >>> net, xi = AmariHopfieldNetwork(4), np.array([[1.0, -1.0, 1.0, -1.0]])
        >>> stored = HebbianTrainer(net).train(xi)
        >>> removed = AntiHebbianTrainer(net).train(xi)
        >>> float(abs(net.W.value).max())
        0.0

    Source: Hopfield, Feinstein & Palmer (1983), Nature 304:158.
    """

    _rule = AntiHebbian

    def _by_hook(self) -> bool:
        if super()._by_hook():
            raise ValidationError(
                "model",
                "one with a square weight box, trained with prefer_generic=True",
                type(self.model).__name__,
                "Its apply_hebbian_learning would store the patterns, not remove them.",
            )
        return False
