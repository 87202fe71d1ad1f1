import json
import pickle

from collector.outcome import DONE, LOOKED_AT, OUTCOMES, Evidence, Stopped, TargetOutcome


def test_an_outcome_can_be_sent_elsewhere_and_stands_as_json() -> None:
    ended = TargetOutcome(
        "web", "10.0.0.1", DONE, ci="A1", seconds=1.23456, evidence=Evidence("SSH-2.0-x", "k", ("w",))
    )
    assert pickle.loads(pickle.dumps(ended)) == ended
    document = json.loads(json.dumps(ended.document()))
    assert document["seconds"] == 1.235
    assert {"target", "outcome", "phase", "reason", "remedy", "ci"} <= document.keys()


def test_every_outcome_has_a_meaning() -> None:
    assert OUTCOMES.keys() >= LOOKED_AT
    assert all(OUTCOMES.values())


def test_a_stop_keeps_what_was_learned_on_the_way() -> None:
    assert Stopped("refused", "connect", "no").evidence == Evidence()
    assert Stopped("refused", "connect", "no", evidence=Evidence("v")).evidence.ssh_version == "v"
