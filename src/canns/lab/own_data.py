"""A session of the page for data of one's own: patterns, one recall of all, and its report."""

import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from canns import task
from canns._page import record_of, write_page
from canns._validation import check_choice, check_real, check_size
from canns._warnings import collected_warnings
from canns.analyzer.metrics import overlap
from canns.dynamics import RecallResult
from canns.errors import ValidationError
from canns.lab.montage import picture_of
from canns.lab.settings import RULES, most_patterns
from canns.lab.uploads import MOST_ROWS, plain_name, read_upload, signs_of
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer, RuleTrainer
from canns.typing import AnyArray

__all__ = ["DataSession", "Recalled", "data_program"]

_STEPS = 50  # the most updates of a recall
_DRAWN = 12  # patterns in the picture of the report
_FIGURE = "stored-corrupted-recalled.png"
_WIDTH, _LARGEST = 900, 6  # pixels of the picture and of a cell, at most


class Recalled(NamedTuple):
    """One recall of all patterns.

    Args:
        rule: The storage rule.
        share: Share of the neurons that were flipped.
        asynchronous: Whether neurons were updated one after another.
        cues: The corrupted patterns, (P, N).
        result: The states, outcomes, steps and energies.
        before: Overlap of each cue with its pattern, (P,).
        after: Overlap of each recalled state with its pattern, (P,).
        notes: What the library warned of.
    """

    rule: str
    share: float
    asynchronous: bool
    cues: AnyArray
    result: RecallResult
    before: AnyArray
    after: AnyArray
    notes: list[str]


class DataSession:
    """Patterns from files, and what became of them.

    Args:
        side: Side of pictures in pixels.
        seed: Seed of the corruption and of the recall.
    """

    def __init__(self, side: int = 32, seed: int = 0) -> None:
        self.side = check_size("side", side, low=4, high=64)
        self.seed = check_size("seed", seed, low=0)
        self.files: list[str] = []
        self.names: list[str] = []
        self.shape: tuple[int, int] | None = None
        self.recalled: Recalled | None = None
        self._patterns: AnyArray | None = None

    @property
    def patterns(self) -> AnyArray:
        """The patterns, (P, N).

        Raises:
            ValidationError: If there are none.
        """
        if self._patterns is None:
            raise ValidationError("data", "at least one picture or table", "none", "Add a file.")
        return self._patterns

    def add(self, name: str, content: bytes) -> int:
        """Add the patterns of a file, and return how many there are; or raise, and change nothing.

        Raises:
            CannsError: In one line, if the file cannot be taken.
        """
        read = read_upload(name, content, self.side)
        added = signs_of(read)
        if self._patterns is not None and added.shape[1] != self._patterns.shape[1]:
            width = self._patterns.shape[1]
            got = f"{added.shape[1]}"
            remedy = "Begin anew for data of another kind."
            raise ValidationError(plain_name(name), f"of {width} numbers a sample", got, remedy)
        whole = added if self._patterns is None else np.concatenate([self._patterns, added])
        if len(whole) > MOST_ROWS:
            raise ValidationError("data", f"at most {MOST_ROWS} patterns", f"{len(whole)}")
        self._patterns, self.recalled = whole, None
        self.files.append(plain_name(name))
        self.names += read.names
        self.shape = read.shape or _nearly_square(whole.shape[1])
        return len(whole)

    def recall(self, rule: str, share: float, asynchronous: bool = False) -> Recalled:
        """Store all patterns, flip a share of each, and recall them, as ``canns recall`` does.

        Raises:
            ValidationError: If there are no patterns, or too many for the rule.
            DivergenceError: If the rule diverges.
        """
        patterns, size = self.patterns, self.patterns.shape[1]
        check_choice("rule", rule, RULES)
        check_real("share", share, low=0, high=1)
        most = most_patterns(rule, size)
        if len(patterns) > most:
            raise ValidationError("rule", f"one for {len(patterns)} patterns of {size}", repr(rule))
        cues = task.flip(patterns, share, seed=self.seed)
        network = AmariHopfieldNetwork(size, asynchronous=asynchronous)
        hebb = rule == "hebbian"
        trainer = (
            HebbianTrainer(network, subtract_mean=False) if hebb else RuleTrainer(network, rule)
        )
        with collected_warnings() as notes:
            trainer.train(patterns)
            result = trainer.recall(cues, _STEPS, seed=self.seed)
        # Pattern by pattern: the overlap of each state with the pattern that it began from.
        before = np.diagonal(overlap(cues, patterns))
        after = np.diagonal(overlap(result.states, patterns))
        self.recalled = Recalled(
            rule, share, asynchronous, cues, result, before, after, list(notes)
        )
        return self.recalled

    def line(self) -> str:
        """Return the command line that repeats the recall."""
        done = self._done()
        options = ["--rule", done.rule, "--noise", f"{done.share:g}", "--seed", str(self.seed)]
        if not all(name.lower().endswith((".csv", ".tsv", ".txt")) for name in self.files):
            options += ["--size", str(self.side)]
        if done.asynchronous:
            options.append("--async")
        return shlex.join(["canns", "recall", *self.files, *options])

    def report(self) -> bytes:
        """Return the report of the recall: a page of HTML that needs no other file.

        Raises:
            ValidationError: If nothing was recalled.
        """
        done = self._done()
        with TemporaryDirectory() as folder:
            Path(folder, _FIGURE).write_bytes(self._picture())
            numbers = {
                "pattern": self.names,
                "overlap of cue": done.before,
                "overlap of recall": done.after,
                "steps": done.result.steps,
                "outcome": done.result.outcome,
                "energy": done.result.energies[:, -1],
            }
            text = record_of(
                {"name": "lab", "line": self.line(), "parameters": self._parameters()},
                numbers,
                seed=self.seed,
                warnings=done.notes,
                figures=[{"file": _FIGURE, "shown": _FIGURE}],
                files={},
            )
            path = Path(folder, "recall.json")
            path.write_text(text, encoding="utf-8", errors="replace")
            return write_page(path).read_bytes()

    def result_file(self) -> bytes:
        """Return the result as a file that :func:`canns.load` reads.

        Raises:
            ValidationError: If nothing was recalled.
        """
        with TemporaryDirectory() as folder:
            path = Path(folder, "recall.safetensors")
            self._done().result.save(path)
            return path.read_bytes()

    def _done(self) -> Recalled:
        if self.recalled is None:
            raise ValidationError("data", "recalled first", "data that was not", "Recall it.")
        return self.recalled

    def _parameters(self) -> dict[str, object]:
        done = self._done()
        return {
            "files": self.files,
            "size": self.side,
            "rule": done.rule,
            "noise": done.share,
            "asynchronous": done.asynchronous,
            "steps": _STEPS,
        }

    def _picture(self) -> bytes:
        """Return a PNG: a column for each pattern, stored, corrupted and recalled from above."""
        done, shape = self._done(), self.shape
        assert shape is not None, "there are patterns"
        rows = self.patterns[:_DRAWN], done.cues[:_DRAWN], np.asarray(done.result.states[:_DRAWN])
        scale = max(1, min(_LARGEST, _WIDTH // (len(rows[0]) * (shape[1] + 1))))
        return picture_of([[state.reshape(shape) for state in row] for row in rows], scale)


def data_program(session: DataSession) -> str:
    """Return a script that repeats the recall from the files; it ends with ``overlaps``."""
    done = session._done()
    hebb = done.rule == "hebbian"
    trainer = (
        "HebbianTrainer(network, subtract_mean=False)"
        if hebb
        else f"RuleTrainer(network, {done.rule!r})"
    )
    size = "" if session.line().find("--size") < 0 else f", {session.side}"
    return (
        "import numpy as np\n\n"
        "from canns import task\n"
        "from canns.analyzer.metrics import overlap\n"
        "from canns.models.brain_inspired import AmariHopfieldNetwork\n"
        f"from canns.trainer import {'HebbianTrainer' if hebb else 'RuleTrainer'}\n\n"
        f"files = {session.files!r}\n"
        f"rows = np.concatenate([task.load_data(name{size}).values for name in files])\n"
        "patterns = task.image_patterns(rows[:, None, :])\n"
        f"cues = task.flip(patterns, {done.share!r}, seed={session.seed})\n"
        f"network = AmariHopfieldNetwork(patterns.shape[1], asynchronous={done.asynchronous})\n"
        f"trainer = {trainer}\n"
        "trainer.train(patterns)\n"
        f"result = trainer.recall(cues, {_STEPS}, seed={session.seed})\n"
        "overlaps = np.diagonal(overlap(result.states, patterns))\n"
        "print(overlaps.round(3))\n"
    )


def _nearly_square(width: int) -> tuple[int, int]:
    """Return height and width of a picture of so many pixels, as nearly square as may be."""
    height = int(width**0.5)
    while width % height:
        height -= 1
    return height, width // height
