"""Student's t against the printed table (Abramowitz and Stegun, table 26.10)."""

import pytest

from agent.calc.student import t_probability, t_quantile


@pytest.mark.parametrize(
    ("probability", "freedom", "value"),
    [
        (0.9, 1, 3.078), (0.95, 1, 6.314), (0.975, 1, 12.706), (0.995, 1, 63.657), (0.95, 2, 2.920), (0.95, 5, 2.015),
        (0.975, 10, 2.228), (0.95, 30, 1.697), (0.975, 60, 2.000), (0.95, 1e6, 1.645), (0.5, 7, 0.0),
    ],
)  # fmt: skip
def test_the_table(probability, freedom, value):
    assert t_quantile(probability, freedom) == pytest.approx(value, abs=6e-4)


@pytest.mark.parametrize("freedom", [0.7, 1.0, 3.3, 29.0, 400.0])
@pytest.mark.parametrize("probability", [0.6, 0.9, 0.999])
def test_there_and_back(probability, freedom):
    assert t_probability(t_quantile(probability, freedom), freedom) == pytest.approx(probability, abs=1e-9)


@pytest.mark.parametrize(("probability", "freedom"), [(0.4, 3), (1.0, 3), (0.9, 0.0)])
def test_what_makes_no_sense_is_refused(probability, freedom):
    with pytest.raises(ValueError, match="wanted"):
        t_quantile(probability, freedom)
