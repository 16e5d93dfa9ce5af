"""The folder that examples write to."""

from pathlib import Path

from canns.utils.example_outputs import get_example_output_dir


def test_base_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("CANNS_EXAMPLES_OUTPUT_DIR", str(tmp_path))
    folder = get_example_output_dir("/some/where/script.py")
    assert folder == tmp_path / "script"
    assert folder.is_dir()
    assert get_example_output_dir("script.py", "memory") == tmp_path / "memory" / "script"


def test_base_without_it_is_outputs_here(monkeypatch, tmp_path):
    monkeypatch.delenv("CANNS_EXAMPLES_OUTPUT_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    assert get_example_output_dir("script.py") == Path("outputs/script")
    assert (tmp_path / "outputs" / "script").is_dir()


def test_another_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("ELSEWHERE", str(tmp_path))
    folder = get_example_output_dir("script.py", base_env_var="ELSEWHERE")
    assert folder == tmp_path / "script"
