"""The inner frustum of an nDisplay stage. Structs are values in Unreal's Python: read, changed, written back whole."""

import unreal

from cyclorama_stage.live_link import followers


def cameras() -> list[unreal.ActorComponent]:
    """The ICVFX cameras of the level's nDisplay root actors; none where nDisplay is not enabled."""
    kind = getattr(unreal, "DisplayClusterICVFXCameraComponent", None)
    root = getattr(unreal, "DisplayClusterRootActor", None)
    if kind is None or root is None:
        return []
    actors = unreal.get_editor_subsystem(unreal.EditorActorSubsystem).get_all_level_actors()
    roots = [actor for actor in actors if isinstance(actor, root)]
    return [component for actor in roots for component in actor.get_components_by_class(kind)]


def follow(subject: str, enabled: bool) -> bool:
    """Make the first ICVFX camera that is free, or already this one's, draw what the subject's camera sees."""
    found = cameras()
    if not found:
        unreal.log_error("Cyclorama: no ICVFX camera in this level: enable nDisplay, place your configuration")
        return False
    actor = followers(subject)
    if actor is None:
        unreal.log_error(f"Cyclorama: no camera follows {subject}: stage.camera('{subject}') makes one")
        return False
    for component in found:
        settings = component.get_editor_property("camera_settings")
        held = settings.get_editor_property("external_camera_actor")
        if held is None or held == actor:
            settings.set_editor_property("external_camera_actor", actor)
            settings.set_editor_property("enable", enabled)
            component.set_editor_property("camera_settings", settings)
            state = "draws" if enabled else "does not draw"
            unreal.log(f"Cyclorama: {component.get_name()} {state} what {actor.get_actor_label()} sees")
            return True
    unreal.log_error(f"Cyclorama: all {len(found)} ICVFX cameras follow other cameras: add one to the configuration")
    return False
