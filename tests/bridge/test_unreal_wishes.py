"""What is wanted of Unreal, with no server: only what changed, all of it after a reconnect, no level amid a take."""

from bridge.messages import SceneSettings, TakeStarted, TakeStopped
from bridge.stage import Unreal
from bridge.unreal.wishes import Wishes

DESERT = SceneSettings(subject="scene", t_ns=0, environment="desert")


def keys(wishes: Wishes) -> list[str]:
    return [errand.key for errand in wishes.all()]


def test_the_editor_is_asked_for_the_level_in_a_take_too_since_it_looks_what_is_open() -> None:
    wishes = Wishes(Unreal(environments={"desert": "/Game/Desert"}), {})
    wishes.hear(DESERT)
    wishes.done("environment")
    wishes.hear(TakeStarted(subject="s1_T001", t_ns=0))
    wishes.learn([])
    assert "environment" in keys(wishes), "it may be a new Unreal with another level"


def test_a_reconnect_loads_the_level_again_in_a_game_but_not_in_the_middle_of_a_take() -> None:
    wishes = Wishes(Unreal(environments={"desert": "/Game/Desert", "beach": "/Game/Beach"}, levels="console"), {})
    assert [errand.key for errand in wishes.hear(DESERT)] == ["environment"]
    wishes.done("environment")
    assert wishes.hear(DESERT) == [], "said again, no news"
    wishes.learn([])
    assert "environment" in keys(wishes), "it may be a new Unreal"
    wishes.hear(TakeStarted(subject="s1_T001", t_ns=0))
    wishes.learn([])
    assert "environment" not in keys(wishes)
    wanted = wishes.hear(SceneSettings(subject="scene", t_ns=1, environment="beach"))
    assert [errand.key for errand in wanted] == ["environment"], "an operator may change it at any time"
    wishes.hear(SceneSettings(subject="scene", t_ns=2, environment="desert"))
    wishes.hear(TakeStopped(subject="s1_T001", t_ns=3))
    assert "environment" in keys(wishes)
