"""The automatic checks of the course: each takes what a student wrote, and says what is wrong.

The exercises are in the documentation, under "Course". A check returns a short message if the
answer is right, and raises :class:`AnswerError` with a hint if it is not. Answers are compared
with formulas and theory, so that any way to write a right answer passes.
"""

from canns.course._answers import Answer, AnswerError
from canns.course.components import check_first_component, check_oja, check_sanger
from canns.course.hopfield import check_capacity, check_hebbian, check_recall
from canns.course.own_rule import check_own_rule
from canns.course.selectivity import check_bcm, check_selective, check_selectivity
from canns.course.sequence import check_replay, check_transitions
from canns.course.spike_timing import check_balance, check_competition, check_stdp_window

__all__ = [
    "Answer",
    "AnswerError",
    "check_balance",
    "check_bcm",
    "check_capacity",
    "check_competition",
    "check_first_component",
    "check_hebbian",
    "check_oja",
    "check_own_rule",
    "check_recall",
    "check_replay",
    "check_sanger",
    "check_selective",
    "check_selectivity",
    "check_stdp_window",
    "check_transitions",
]
