"""The stage's tools for the Python console. `tools()` lists them; each says in one line what it did."""

import unreal

from cyclorama_stage import frustum, importing, live_link, occlusion
from cyclorama_stage.manifest import Environment, Fault, environment
from cyclorama_stage.placing import Placement, sun_rotator

FOLDER = "/Game/Cyclorama"
TAG = "CycloramaEnvironment"


def tools() -> None:
    """What there is."""
    unreal.log(
        "Cyclorama:\n"
        "  stage.bring('D:/library/97ac013d9ce351ea')  an environment into this level, in place of the one before\n"
        "  stage.camera('A-cam')                       a camera that follows a Live Link subject\n"
        "  stage.inner_frustum('A-cam', True)         the inner frustum of an nDisplay stage for it\n"
        "  stage.occlude()                             the material that hides what stands behind a performer"
    )


def bring(folder: str) -> bool:
    """An environment of Cyclorama's library into the open level: splats, or the proxy where no importer is; the sun."""
    try:
        place = environment(folder)
    except Fault as fault:
        unreal.log_error(f"Cyclorama: {fault}")
        return False
    with unreal.ScopedEditorTransaction(f"Bring {place.title}"):
        destination = f"{FOLDER}/{place.content[:16]}"
        made = importing.splats(place, destination)
        if made is None:
            unreal.log_warning(
                "Cyclorama: this project imports neither PLY, SPZ nor USD splats: the proxy mesh and the panorama take "
                "their place; install a splat importer and bring it again for the picture"
            )
            made = importing.imported(place.proxy, destination)
        if made is None:
            unreal.log_error(f"Cyclorama: {place.proxy}: not imported; enable Unreal's glTF importer (Interchange)")
            return False
        _take_away()
        shown = _spawned(made.asset, made.placement, place.title)
        for actor in (shown, _sun(place)):
            if actor is not None:
                actor.set_editor_property("tags", [unreal.Name(TAG)])
        sky = importing.imported(place.panorama, destination)
    if shown is None:
        return False
    seen = f"its sky is the texture {destination}/panorama" if sky else "its panorama.exr was not imported"
    unreal.log(f"Cyclorama: {place.title}: its floor is the stage's floor, {seen}")
    return True


def camera(subject: str) -> bool:
    """A CineCamera that follows a Live Link subject of this name."""
    return live_link.camera(subject)


def occlude() -> bool:
    """Make, or make anew, the occlusion material."""
    return occlusion.material(FOLDER)


def inner_frustum(subject: str, enabled: bool = True) -> bool:
    """Switch the inner frustum of the camera that follows a subject, and make it that camera's."""
    return frustum.follow(subject, enabled)


def _actors() -> unreal.EditorActorSubsystem:
    return unreal.get_editor_subsystem(unreal.EditorActorSubsystem)


def _spawned(asset: unreal.Object, placement: Placement, title: str) -> unreal.Actor | None:
    actor = _actors().spawn_actor_from_object(asset, unreal.Vector(0.0, 0.0, 0.0))
    if actor is None:
        unreal.log_error(f"Cyclorama: {asset.get_name()} cannot be placed in a level by a script: drag it in")
        return None
    x, y, z, w = placement.rotation_xyzw
    actor.set_actor_rotation(unreal.Quat(x, y, z, w).rotator(), False)
    actor.set_actor_scale3d(unreal.Vector(*placement.scale))
    actor.set_actor_label(title)
    return actor


def _sun(place: Environment) -> unreal.Actor | None:
    if max(place.sunlit) <= 0.0:
        return None
    pitch, yaw, roll = sun_rotator(place.towards_sun)
    rotator = unreal.Rotator(roll=roll, pitch=pitch, yaw=yaw)
    light = _actors().spawn_actor_from_class(unreal.DirectionalLight, unreal.Vector(0.0, 0.0, 300.0), rotator)
    strongest = max(place.sunlit)
    component = light.get_component_by_class(unreal.DirectionalLightComponent)
    red, green, blue = (part / strongest for part in place.sunlit)
    component.set_light_color(unreal.LinearColor(red, green, blue, 1.0))
    component.set_intensity(strongest)
    light.set_actor_label("Cyclorama sun")
    return light


def _take_away() -> None:
    for actor in _actors().get_all_level_actors():
        if TAG in [str(tag) for tag in actor.get_editor_property("tags")]:
            _actors().destroy_actor(actor)
