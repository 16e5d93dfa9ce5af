"""Names in any script are drawn without a warning, which pytest would make an error."""

import numpy as np

from canns.analyzer.visualization import PlotConfig, recall_gallery


def test_names_without_a_glyph_do_not_warn(tmp_path):
    image = np.where(np.eye(4) > 0, 1.0, -1.0).reshape(1, 16)
    config = PlotConfig(title="漢字 \U0001f600", save_path=tmp_path / "a.png")
    recall_gallery(image, image, image, (4, 4), ["ฅ^•ﻌ•^ฅ"], config)
    assert (tmp_path / "a.png").stat().st_size > 0
