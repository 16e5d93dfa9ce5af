"""The sessions of the plasticity page, beside closed forms and the programs that they give."""

import numpy as np
import pytest

from canns.errors import ValidationError
from canns.lab.competition import CompetitionSession, competition_program
from canns.lab.receptive_fields import FIELD_RULES, FieldSession, field_program
from canns.lab.spike_pairs import FARTHEST, Window, window_changes, window_program


def run(program):
    found = {}
    exec(program, found)
    return found


def test_the_window_is_that_of_the_closed_form():
    lags = np.arange(-FARTHEST, FARTHEST + 1)
    changes = window_changes(Window(0.5, 0.25, 10.0, 20.0), lags)
    after = lags >= 0  # an input of the same step comes first, half a step earlier
    late = np.where(after, 0.5 * np.exp(-(lags + 0.5) / 10), 0)
    early = np.where(after, 0, -0.25 * np.exp((lags + 0.5) / 20))
    np.testing.assert_allclose(changes, late + early, rtol=1e-5)


@pytest.mark.parametrize("lag", [-7, 0, 12])
def test_the_program_of_a_pair_gives_the_change(lag):
    window = Window(A_plus=0.9)
    assert run(window_program(window, lag))["change"] == window_changes(window, [lag])[0]


@pytest.mark.parametrize("lags", [[FARTHEST + 1], [np.nan], [], "soon"])
def test_lags_out_of_range_are_refused(lags):
    with pytest.raises(ValidationError, match="lags"):
        window_changes(Window(), lags)


@pytest.mark.parametrize("wrong", [{"A_plus": -1}, {"tau_minus": 0}, {"A_minus": None}])
def test_a_window_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Window(**wrong)


@pytest.mark.slow
@pytest.mark.parametrize("rule", FIELD_RULES)
def test_fields_grow_and_the_program_grows_the_same(rule):
    session = FieldSession(rule)
    first = session.fields
    growth = [session.grow() for _ in range(3)][-1]
    assert growth.num_patches == 3 * FIELD_RULES[rule].batch
    assert growth.fields.shape == (FIELD_RULES[rule].neurons, 12, 12)
    assert np.abs(growth.fields - first).max() > 0
    found = run(field_program(session))
    np.testing.assert_array_equal(found["layer"].W.value, growth.fields.reshape(-1, 144))


def test_fields_of_an_unknown_rule_are_refused():
    with pytest.raises(ValidationError, match="rule"):
        FieldSession("nosuch")


@pytest.mark.long
def test_synapses_compete_and_the_program_does_the_same():
    session = CompetitionSession(40.0)
    moment = [session.run() for _ in range(2)][-1]
    assert moment.seconds == 2
    assert moment.output > 0
    found = run(competition_program(session))
    np.testing.assert_array_equal(found["weights"], moment.weights)


@pytest.mark.slow
def test_weights_become_weak_and_strong():
    session = CompetitionSession(40.0)
    for _ in range(600):
        moment = session.run()
    weak, middle, strong = np.histogram(moment.weights, [0, 0.1, 0.9, 1.001])[0]
    # Published: most are weak, some strong; the middle tenths are emptier than both ends.
    tenths = np.histogram(moment.weights, 10, (0, 1))[0]
    assert weak > strong > 0
    assert tenths[-1] > tenths[4:8].max()
    assert weak > middle


@pytest.mark.parametrize("rate", [0, -1, np.inf, "fast"])
def test_rates_out_of_range_are_refused(rate):
    with pytest.raises(ValidationError, match="rate"):
        CompetitionSession(rate)
