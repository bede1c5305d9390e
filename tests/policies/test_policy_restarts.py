"""Parameters that start timers afresh: the names are fields of the policy's own state, and nothing else of it is touched."""

import dataclasses

import pytest

from agent.core.parameter import parameters
from agent.core.tuning import carried
from agent.plugins import find_catalogue
from policies.chiller_plant.load_shedding import LoadShedding
from policies.chiller_plant.sequence import PlantSequence
from policies.chiller_plant.sequence_state import SequenceState
from policies.chiller_plant.shedding_picture import SheddingState
from policies.chiller_plant.stage_rule import StageTimers

DECLARED = [
    (kind, spec)
    for kind in find_catalogue().policies.values()
    for spec in parameters(kind)
    for _ in spec.restarts[:1]
]


@pytest.mark.parametrize(("kind", "spec"), DECLARED, ids=lambda one: getattr(one, "name", ""))
def test_what_a_parameter_restarts_is_there(kind, spec):
    first = kind().initial_state()
    for path in spec.restarts:
        state = first
        for name in path.split("."):
            assert name in {field.name for field in dataclasses.fields(state)}
            state = getattr(state, name)


def test_another_threshold_of_shedding_waits_its_whole_dwell_again():
    state = SheddingState(elapsed=9.0, below=800.0, above=100.0, since_change=5000.0)
    after = carried(LoadShedding(), LoadShedding(shed_below=70.0), state)
    assert after == dataclasses.replace(state, below=0.0)


def test_the_sequence_keeps_its_stage_and_counts_its_conditions_afresh():
    stage = StageTimers(counts=((("a", 1),)), held=4000.0, efficient=800.0, warm=300.0, low=20.0)
    state = SequenceState(stage=stage, on=("ch1",))
    after = carried(PlantSequence(), PlantSequence(efficiency_delay=300.0), state)
    assert after == dataclasses.replace(state, stage=dataclasses.replace(stage, efficient=0.0, low=0.0))
