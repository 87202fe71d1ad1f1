import pickle

from collector.target import Hop, Target


def test_an_endpoint_is_text_and_ipv6_stands_in_brackets() -> None:
    assert Target("web", "10.0.0.1", 2222).endpoint == "10.0.0.1:2222"
    assert Target("web", "2001:db8::1").endpoint == "[2001:db8::1]:22"


def test_a_target_can_be_sent_elsewhere() -> None:
    target = Target("web", "10.0.0.1", jumps=(Hop("10.0.0.254"),), credentials=("lab",))
    assert pickle.loads(pickle.dumps(target)) == target
