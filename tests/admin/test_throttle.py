from qlmodels_admin.throttle import Throttle


def test_throttle_counts_within_its_window() -> None:
    now = 0.0
    throttle = Throttle(2, 10, capacity=2, clock=lambda: now)
    throttle.failed("a")
    assert throttle.wait("a") == 0
    now = 4
    throttle.failed("a")
    assert throttle.wait("a") == 6
    now = 11
    assert throttle.wait("a") == 0
    throttle.failed("a")
    assert throttle.wait("a") == 3
    throttle.failed("b")
    throttle.failed("c")
    assert throttle.wait("a") == 0  # forgotten
